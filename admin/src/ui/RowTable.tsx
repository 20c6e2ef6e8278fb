import type { ReactNode } from 'react';

export interface Column {
  label: string;
  /** Numbers stand at the end of their column. */
  isEnd?: boolean;
  /** The rows are in the order of this column, from its greatest on. */
  isSorted?: boolean;
  /** A column of buttons, which name themselves. */
  isHidden?: boolean;
}

interface RowTableProps {
  /** The id of the heading that names it. */
  labelledBy: string;
  /** `stacking`: each row is a block of its own where the window is narrow. */
  className?: string;
  columns: readonly Column[];
  children: ReactNode;
}

/** A table's frame and its columns. Roles are said, since `display` takes them away where rows stack. */
export function RowTable({ labelledBy, className = 'stacking', columns, children }: RowTableProps) {
  return (
    <div className="table-scroll">
      <table role="table" className={`table ${className}`.trimEnd()} aria-labelledby={labelledBy}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ label, isEnd, isSorted, isHidden }) => (
              <th
                key={label}
                role="columnheader"
                scope="col"
                {...(isSorted ? { 'aria-sort': 'descending' as const } : {})}
                {...(isEnd ? { className: 'end' } : {})}
              >
                {isHidden ? <span className="visually-hidden">{label}</span> : label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">{children}</tbody>
      </table>
    </div>
  );
}
