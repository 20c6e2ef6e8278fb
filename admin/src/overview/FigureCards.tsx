import { memo } from 'react';
import type { Figures } from '../api/types';
import { FigureCard } from './FigureCard';
import { FIGURES } from './figures';
import type { Comparison } from './useComparison';

interface FigureCardsProps {
  figures: Figures | undefined;
  comparison: Comparison | undefined;
  /** The figure whose chart is shown. */
  chosen: string | undefined;
  /** Whether the figures are still those of the days chosen before. */
  pending: boolean;
}

/** The figures of the range, in one grid. */
export const FigureCards = memo(function FigureCards({ figures, comparison, chosen, pending }: FigureCardsProps) {
  return (
    <dl className="figures" aria-busy={pending || figures === undefined}>
      {FIGURES.map((figure) => (
        <FigureCard
          key={figure.id}
          figure={figure}
          figures={figures}
          chosen={figure.id === chosen}
          before={comparison?.covers(figure.id) ? comparison.figures : undefined}
        />
      ))}
    </dl>
  );
});
