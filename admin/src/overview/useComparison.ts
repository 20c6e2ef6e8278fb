import { useConversions, useMetrics } from '../api/queries';
import type { Figures, Metrics } from '../api/types';
import { addDays, previousRange, RANGE_DAYS, rangeDays, type Day, type DayRange } from '../period/days';
import { figuresUpTo } from './figuresUpTo';

/** The figures of an earlier period that is as ripe as the one shown, and which of them are. */
export interface Comparison {
  range: DayRange;
  figures: Figures;
  covers: (figureId: string) => boolean;
  /** `whole`: both periods are over and settled. `point`: purchases alone, both up to the same point. */
  kind: 'whole' | 'point';
}

const PURCHASE_FIGURES = ['conversions', 'assisted', 'clickThrough', 'conversionValue', 'clickThroughValue'];
/** More conversions than this aren't fetched for a comparison: ten pages. */
const MAX_CONVERSIONS = 500;
const DAY_MILLIS = 86_400_000;

/**
 * The previous period of the same length, where comparing is fair. Settled periods compare whole. A younger one
 * goes on converting: its purchases compare with those that the previous period had at the same point, which for
 * today means yesterday up to this hour. Messages sent stand once their day is over; what became of them
 * meanwhile (deliveries, reads, clicks) has no such record and isn't compared.
 */
export function useComparison(
  metrics: Metrics | undefined,
  range: DayRange,
  today: Day,
  campaignId: string | undefined,
): Comparison | undefined {
  const previous = previousRange(range);
  const reachable = previous.from >= addDays(today, -RANGE_DAYS);
  const before = useMetrics(reachable ? previous : undefined, campaignId, { live: false }).data;
  const current = metrics?.from === range.from && metrics.to === range.to ? metrics : undefined;
  const matching = before?.from === previous.from && before.to === previous.to ? before : undefined;
  const settled = current?.days.every((day) => day.settled) ?? false;
  const listable = matching !== undefined && matching.totals.conversions.total <= MAX_CONVERSIONS;
  const conversions = useConversions(previous, campaignId, current !== undefined && !settled && listable);

  if (!current || !matching || matching.totals.sent === 0) return undefined;
  if (settled) return { range: previous, figures: matching.totals, covers: () => true, kind: 'whole' };
  const over = range.to < today;
  const point = conversions.dataUpdatedAt - rangeDays(range) * DAY_MILLIS;
  const aged = conversions.data && figuresUpTo(conversions.data, new Date(point));
  // Nothing to compare with: better silent than "compared with" above no comparison at all.
  if (!over && !aged?.conversions.total) return undefined;
  return {
    range: previous,
    figures: { ...matching.totals, ...aged },
    covers: (id) => (id === 'sent' ? over : aged !== undefined && PURCHASE_FIGURES.includes(id)),
    kind: 'point',
  };
}
