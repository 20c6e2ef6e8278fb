import { useMetrics } from '../api/queries';
import type { Figures, Metrics } from '../api/types';
import { addDays, previousRange, RANGE_DAYS, type Day, type DayRange } from '../period/days';

/** The figures of an earlier period that is as ripe as the one shown, and which of them are. */
export interface Comparison {
  range: DayRange;
  figures: Figures;
  covers: (figureId: string) => boolean;
}

/**
 * The previous period of the same length, where comparing is fair: the messages sent stand once their day is
 * over; everything else goes on growing until the last day of the range is settled.
 */
export function useComparison(
  metrics: Metrics | undefined,
  range: DayRange,
  today: Day,
  campaignId: string | undefined,
): Comparison | undefined {
  const over = range.to < today;
  const settled = metrics?.days.every((day) => day.settled) ?? false;
  const previous = previousRange(range);
  const reachable = previous.from >= addDays(today, -RANGE_DAYS);
  const before = useMetrics(over && reachable ? previous : undefined, campaignId);
  if (!over || !before.data || before.data.from !== previous.from || before.data.to !== previous.to) return undefined;
  return {
    range: previous,
    figures: before.data.totals,
    covers: (figureId) => settled || figureId === 'sent',
  };
}
