import type { Figures } from '../api/types';
import { FigureCard } from './FigureCard';
import { FIGURES } from './figures';
import type { Comparison } from './useComparison';

interface FigureCardsProps {
  figures: Figures | undefined;
  comparison: Comparison | undefined;
  /** Whether the figures are still those of the days chosen before. */
  pending: boolean;
}

/** The figures of the range, in one grid. */
export function FigureCards({ figures, comparison, pending }: FigureCardsProps) {
  return (
    <dl className="figures" aria-busy={pending || figures === undefined}>
      {FIGURES.map((figure) => (
        <FigureCard
          key={figure.id}
          figure={figure}
          figures={figures}
          before={comparison?.covers(figure.id) ? comparison.figures : undefined}
        />
      ))}
    </dl>
  );
}
