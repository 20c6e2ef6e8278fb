import { memo } from 'react';
import type { Earlier, Figures } from '../api/types';
import { isUnripe } from './comparison';
import { FigureCard } from './FigureCard';
import { FIGURES } from './figures';

interface FigureCardsProps {
  figures: Figures | undefined;
  /** The days compared with. */
  earlier: Earlier | undefined;
  /** Whether the last day shown isn't over. */
  isOpen: boolean;
  /** The figure whose chart is shown. */
  chosen: string | undefined;
  /** Whether the figures are still those of the days chosen before. */
  pending: boolean;
}

/** The figures of the range, in one grid. */
export const FigureCards = memo(function FigureCards(props: FigureCardsProps) {
  const { figures, earlier, isOpen, chosen, pending } = props;
  return (
    <dl className="figures" aria-busy={pending || figures === undefined}>
      {FIGURES.map((figure) => (
        <FigureCard
          key={figure.id}
          figure={figure}
          figures={figures}
          chosen={figure.id === chosen}
          before={
            earlier && {
              figures: earlier.totals,
              unripe: isUnripe(earlier, figure.id),
              tellsChange: !isOpen || !isUnripe(earlier, figure.id),
            }
          }
        />
      ))}
    </dl>
  );
});
