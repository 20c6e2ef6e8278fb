import { describe, expect, it } from 'vitest';
import { bucketsOf, type Bucket } from '../../src/chart/buckets';
import { chartGeometry } from '../../src/chart/chartScales';
import { OVERVIEW_PANELS, panelsOf } from '../../src/chart/panels';
import { FIGURES } from '../../src/overview/figures';
import { daysFrom, figuresWith } from './figures';

const buckets = (count: number, delivered = 10): Bucket[] =>
  bucketsOf(
    daysFrom('2026-01-01', count, () => ({ delivered })),
    'day',
    '',
  );
const geometryOf = (all: readonly Bucket[], width = 640, before?: readonly Bucket[]) =>
  chartGeometry({ buckets: all, panels: OVERVIEW_PANELS, before }, width);

it.each([2, 7, 31, 90, 366])('labels of %i points never touch, and the last point has one', (count) => {
  for (const width of [300, 640, 1200]) {
    const geometry = geometryOf(buckets(count), width);
    const places = geometry.labelled.map(geometry.x);
    for (const [index, place] of places.slice(1).entries()) {
      expect(place - (places[index] ?? 0)).toBeGreaterThanOrEqual(Math.min(84, geometry.right - geometry.left));
    }
    expect(geometry.labelled.at(-1)).toBe(count - 1);
  }
});

it('has whole numbers on the axis of counts, also for an empty range', () => {
  for (const delivered of [0, 1, 3, 1_234_567]) {
    for (const { ticks, y, top, bottom } of geometryOf(buckets(7, delivered)).panels) {
      expect(ticks.every(Number.isInteger)).toBe(true);
      expect(y(0)).toBe(bottom);
      expect(y(0)).toBeGreaterThan(top);
    }
  }
});

it('gives conversions a scale of their own', () => {
  const days = daysFrom('2026-01-01', 7, () => ({
    delivered: 1_000,
    conversions: { total: 5, assisted: 0, clickThrough: 5 },
  }));
  const [messages, conversions] = geometryOf(bucketsOf(days, 'day', '')).panels;
  expect(messages?.lines.map(({ line }) => line.id)).toEqual(['delivered', 'read', 'clicks']);
  expect(conversions?.y(5)).toBeLessThan((conversions?.bottom ?? 0) / 2);
});

it('finds the point under the pointer', () => {
  const { nearest, x } = geometryOf(buckets(7));
  for (let index = 0; index < 7; index++) expect(nearest(x(index) + 5)).toBe(index);
  expect(nearest(-100)).toBe(0);
  expect(nearest(10_000)).toBe(6);
});

it('dashes the step to the day that isn’t over, and no other', () => {
  const days = daysFrom('2026-01-01', 3);
  const open = geometryOf(bucketsOf(days, 'day', '2026-01-03')).panels[0]?.lines[0];
  expect(open?.path.split('L')).toHaveLength(2);
  expect(open?.openPath.split('L')).toHaveLength(2);
  const over = geometryOf(bucketsOf(days, 'day', '2026-01-04')).panels[0]?.lines[0];
  expect(over?.openPath).toBe('');
  expect(over?.path.split('L')).toHaveLength(3);
});

it('draws days compared with behind one line, on its scale, and behind none of several', () => {
  const earlier = bucketsOf(
    daysFrom('2025-12-25', 7, () => ({ conversions: { total: 40, assisted: 0, clickThrough: 40 } })),
    'day',
    '',
  );
  const [messages, conversions] = geometryOf(buckets(7), 640, earlier).panels;
  expect(messages?.lines.every(({ beforePath }) => beforePath === '')).toBe(true);
  expect(conversions?.lines[0]?.beforePath).not.toBe('');
  expect(conversions?.y(40)).toBeGreaterThanOrEqual(conversions?.top ?? 0);
});

describe('a figure’s panels', () => {
  const value = FIGURES.find(({ id }) => id === 'conversionValue');
  it('are one for each currency, never two on one scale', () => {
    const days = daysFrom('2026-01-01', 2, (index) => ({
      conversionValue: [{ currency: index ? 'USD' : 'BRL', amount: index ? '5.00' : '900.00' }],
    }));
    const panels = value ? panelsOf(value, bucketsOf(days, 'day', '')) : [];
    expect(panels.map(({ currency }) => currency)).toEqual(['BRL', 'USD']);
    expect(panels.map(({ lines }) => lines[0]?.value(figuresWith(days[1])))).toEqual([0, 5]);
  });

  it('are one for a count', () => {
    const panels = FIGURES.filter(({ kind }) => kind === 'count').map((figure) => panelsOf(figure, buckets(2)));
    expect(panels.every(({ length }) => length === 1)).toBe(true);
  });
});
