import type { DayFigures, EarlierDay, Figures } from '../../src/api/types';
import { addDays, type Day } from '../../src/period/days';

/** Figures for tests: zeros but for what is given. */
export const figuresWith = (changes: Partial<Figures> = {}): Figures => ({
  sent: 0,
  delivered: 0,
  read: 0,
  failed: 0,
  uniqueClicks: 0,
  totalClicks: 0,
  optOuts: 0,
  conversions: { total: 0, assisted: 0, clickThrough: 0 },
  conversionValue: [],
  clickThroughValue: [],
  ...changes,
});

/** Days from one on, each with the figures that its number is given. */
export const daysFrom = (
  first: Day,
  count: number,
  of: (index: number) => Partial<DayFigures & EarlierDay> = () => ({}),
): (DayFigures & EarlierDay)[] =>
  Array.from({ length: count }, (_, index) => ({
    ...figuresWith(),
    day: addDays(first, index),
    settled: true,
    ...of(index),
  }));
