import { expect, it } from 'vitest';
import type { DayFigures } from '../../src/api/types';
import { chartGeometry } from '../../src/overview/chartScales';
import { SERIES } from '../../src/overview/series';
import { addDays } from '../../src/period/days';

const days = (count: number, delivered = 10): DayFigures[] =>
  Array.from({ length: count }, (_, index) => ({
    day: addDays('2026-01-01', index),
    settled: true,
    sent: delivered,
    delivered,
    read: 0,
    failed: 0,
    uniqueClicks: 0,
    totalClicks: 0,
    optOuts: 0,
    conversions: { total: 0, assisted: 0, clickThrough: 0 },
    conversionValue: [],
    clickThroughValue: [],
  }));

it.each([2, 7, 31, 90, 366])('labels of %i days never touch, and the last day has one', (count) => {
  for (const width of [300, 640, 1200]) {
    const all = days(count);
    const geometry = chartGeometry(all, SERIES, width);
    const places = geometry.labelled.map(geometry.x);
    for (const [index, place] of places.slice(1).entries()) {
      expect(place - (places[index] ?? 0)).toBeGreaterThanOrEqual(Math.min(84, geometry.right - geometry.left));
    }
    expect(geometry.labelled.at(-1)).toBe(all.at(-1)?.day);
  }
});

it('has whole numbers on its axis, also for an empty range', () => {
  for (const delivered of [0, 1, 3, 1_234_567]) {
    const { ticks, y, top, bottom } = chartGeometry(days(7, delivered), SERIES, 640);
    expect(ticks.every(Number.isInteger)).toBe(true);
    expect(y(0)).toBe(bottom);
    expect(y(delivered)).toBeGreaterThanOrEqual(top);
  }
});

it('finds the day under the pointer', () => {
  const all = days(7);
  const { nearest, x } = chartGeometry(all, SERIES, 640);
  for (const [index, { day }] of all.entries()) expect(nearest(x(day) + 5)).toBe(index);
  expect(nearest(-100)).toBe(0);
  expect(nearest(10_000)).toBe(6);
});
