import { describe, expect, it } from 'vitest';
import { bucketsBefore, bucketsOf, grainOf } from '../../src/chart/buckets';
import { addDays } from '../../src/period/days';
import { daysFrom, figuresWith } from './figures';

describe('the chart', () => {
  it('shows days up to 60, weeks up to half a year, then months', () => {
    expect([60, 61, 182, 183].map(grainOf)).toEqual(['day', 'week', 'week', 'month']);
  });

  it('begins weeks on Monday and months on the first, cut by the range', () => {
    const days = daysFrom('2026-11-01', 30, () => ({ sent: 1 }));
    expect(bucketsOf(days, 'week', '').map(({ from, to, figures }) => [from, to, figures.sent])).toEqual([
      ['2026-11-01', '2026-11-01', 1],
      ['2026-11-02', '2026-11-08', 7],
      ['2026-11-09', '2026-11-15', 7],
      ['2026-11-16', '2026-11-22', 7],
      ['2026-11-23', '2026-11-29', 7],
      ['2026-11-30', '2026-11-30', 1],
    ]);
    const two = bucketsOf(daysFrom('2026-10-20', 20), 'month', '');
    expect(two.map(({ from, to }) => [from, to])).toEqual([
      ['2026-10-20', '2026-10-31'],
      ['2026-11-01', '2026-11-08'],
    ]);
  });

  it('knows which points are settled and which one isn’t over', () => {
    const days = daysFrom('2026-11-02', 14, (index) => ({ settled: index < 10 }));
    const weeks = bucketsOf(days, 'week', '2026-11-15');
    expect(weeks.map(({ settled, open }) => [settled, open])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('keeps a day’s distinct shoppers and adds none', () => {
    const days = daysFrom('2026-11-02', 7, () => ({ uniqueClicks: 3 }));
    expect(bucketsOf(days, 'day', '')[0]?.figures.uniqueClicks).toBe(3);
    expect(bucketsOf(days, 'week', '')[0]?.figures.uniqueClicks).toBe(0);
  });

  it('cuts earlier days as those that they are compared with', () => {
    const now = bucketsOf(daysFrom('2026-11-01', 9), 'week', '');
    const before = bucketsBefore(
      now,
      daysFrom('2026-10-23', 9, (index) => ({ sent: 1, against: addDays('2026-11-01', index) })),
    );
    expect(before.map((each) => [each?.from, each?.days, each?.figures.sent])).toEqual([
      ['2026-10-23', 1, 1],
      ['2026-10-24', 7, 7],
      ['2026-10-31', 1, 1],
    ]);
  });

  it('has no earlier point where a shorter month left none, and counts no day that is compared with none', () => {
    const now = bucketsOf(daysFrom('2026-10-30', 3), 'day', '');
    const against = { '2026-09-30': '2026-10-30', '2026-10-01': '2026-11-01' } as Record<string, string>;
    const earlier = ['2026-09-30', '2026-10-01', '2026-10-02'].map((day) => ({
      ...figuresWith({ sent: 1 }),
      day,
      ...(against[day] ? { against: against[day] } : {}),
    }));
    expect(bucketsBefore(now, earlier).map((each) => each?.from)).toEqual(['2026-09-30', undefined, '2026-10-01']);
  });
});
