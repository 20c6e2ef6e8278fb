import { useMemo } from 'react';
import { useConversions, useMetrics } from '../api/queries';
import type { Conversion, DayFigures, Figures, Metrics } from '../api/types';
import { addDays, previousRange, RANGE_DAYS, rangeDays, type Day, type DayRange } from '../period/days';
import { daysUpTo, figuresUpTo } from './figuresUpTo';

/** The figures of an earlier period that is as ripe as the one shown, and which of them are. */
export interface Comparison {
  range: DayRange;
  figures: Figures;
  /** Its days, with the same figures. */
  days: DayFigures[];
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
  const before = useMetrics(reachable ? previous : undefined, campaignId, 'rarely').data;
  const current = metrics?.from === range.from && metrics.to === range.to ? metrics : undefined;
  const matching = before?.from === previous.from && before.to === previous.to ? before : undefined;
  const settled = current?.days.every((day) => day.settled) ?? false;
  const listable = matching !== undefined && matching.totals.conversions.total <= MAX_CONVERSIONS;
  const { data: conversions, dataUpdatedAt } = useConversions(
    previous,
    campaignId,
    current !== undefined && !settled && listable,
  );
  const known = current !== undefined;
  const over = range.to < today;
  const point = dataUpdatedAt - rangeDays(range) * DAY_MILLIS;
  // The same object as long as nothing in it changed: figures and chart are drawn anew with it.
  return useMemo(
    () => (known && matching ? comparisonOf(matching, settled, over, conversions, new Date(point)) : undefined),
    [known, matching, settled, over, conversions, point],
  );
}

function comparisonOf(
  { from, to, totals, days }: Metrics,
  settled: boolean,
  over: boolean,
  conversions: Conversion[] | undefined,
  point: Date,
): Comparison | undefined {
  const range = { from, to };
  if (totals.sent === 0) return undefined;
  if (settled) return { range, figures: totals, days, covers: () => true, kind: 'whole' };
  const aged = conversions && figuresUpTo(conversions, point);
  // Nothing to compare with: better silent than "compared with" above no comparison at all.
  if (!over && !aged?.conversions.total) return undefined;
  return {
    range,
    figures: { ...totals, ...aged },
    days: conversions ? daysUpTo(days, conversions, point) : days,
    covers: (id) => (id === 'sent' ? over : aged !== undefined && PURCHASE_FIGURES.includes(id)),
    kind: 'point',
  };
}
