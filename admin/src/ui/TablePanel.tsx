import type { ReactNode } from 'react';
import { useFormat } from '../i18n/useFormat';
import { Button } from './Button';
import { PanelError } from './PanelError';
import { Skeleton } from './Skeleton';

interface TablePanelProps {
  /** Where its rows come from: a query, of one answer or of many pages. */
  query: {
    data: unknown;
    error: Error | null;
    refetch: () => unknown;
    hasNextPage?: boolean;
    isFetchingNextPage?: boolean;
    fetchNextPage?: () => unknown;
  };
  isEmpty: boolean;
  /** Shown in place of the table when there is nothing to list. */
  empty: ReactNode;
  /** What finds and filters the rows; it stays whatever becomes of them. */
  tools?: ReactNode;
  /** The height of the place that is kept for the rows. */
  height?: number;
  children: ReactNode;
}

/** The frame of a table: while its rows are awaited, when they could not be loaded, when there are none, and the way to more. */
export function TablePanel({ query, isEmpty, empty, tools, height = 120, children }: TablePanelProps) {
  const { t } = useFormat();
  const rows = (): ReactNode => {
    if (query.data === undefined) {
      if (query.error) return <PanelError error={query.error} onRetry={() => void query.refetch()} />;
      return (
        <div className="table-skeleton">
          <Skeleton height={height} />
        </div>
      );
    }
    return isEmpty ? empty : children;
  };
  return (
    <div className="card table-card">
      {tools}
      {rows()}
      {query.data !== undefined && !isEmpty && query.hasNextPage && (
        <div className="table-foot">
          <Button onPress={() => void query.fetchNextPage?.()} isBusy={query.isFetchingNextPage ?? false}>
            {t('action.loadMore')}
          </Button>
        </div>
      )}
    </div>
  );
}
