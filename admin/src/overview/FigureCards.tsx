import type { Figures } from '../api/types';
import { FigureCard } from './FigureCard';
import { FIGURES } from './figures';
import type { Comparison } from './useComparison';

interface FigureCardsProps {
  figures: Figures | undefined;
  comparison: Comparison | undefined;
}

/** The figures of the range, in one grid. */
export function FigureCards({ figures, comparison }: FigureCardsProps) {
  return (
    <dl className="figures" aria-busy={figures === undefined}>
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
