import type { ReactNode } from 'react';

interface SectionHeadProps {
  /** The heading's id, by which its section is named. */
  id: string;
  title: string;
  text: string;
  className?: string;
  /** What stands beside it. */
  children?: ReactNode;
}

/** What a section is about, and what is chosen or begun in it. */
export function SectionHead({ id, title, text, className = '', children }: SectionHeadProps) {
  return (
    <div className={`section-head ${className}`.trimEnd()}>
      <div>
        <h2 id={id} tabIndex={-1}>
          {title}
        </h2>
        <p className="muted">{text}</p>
      </div>
      {children}
    </div>
  );
}
