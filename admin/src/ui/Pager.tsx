import { useFormat } from '../i18n/useFormat';
import { Button } from './Button';
import { NextIcon, PreviousIcon } from './icons';

interface PagerProps {
  /** From 0. */
  page: number;
  pages: number;
  /** Rows of a full page. */
  rows: number;
  total: number;
  onChoose: (page: number) => void;
}

/** Below a list of several pages: which rows are shown, and the pages beside. */
export function Pager({ page, pages, rows, total, onChoose }: PagerProps) {
  const { t, number } = useFormat();
  if (pages < 2) return null;
  const from = number(page * rows + 1);
  const to = number(Math.min(total, (page + 1) * rows));
  return (
    <div className="pager">
      <p className="muted small" aria-live="polite">
        {t('pager.shown', { from, to, total: number(total) })}
      </p>
      <Button aria-label={t('pager.previous')} isDisabled={page === 0} onPress={() => onChoose(page - 1)}>
        <PreviousIcon size={16} />
      </Button>
      <Button aria-label={t('pager.next')} isDisabled={page === pages - 1} onPress={() => onChoose(page + 1)}>
        <NextIcon size={16} />
      </Button>
    </div>
  );
}
