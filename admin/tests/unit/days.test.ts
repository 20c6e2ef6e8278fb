import { describe, expect, it } from 'vitest';
import { addDays, dayIn, isDay, presetRange, rangeDays } from '../../src/period/days';

describe('days', () => {
  it('count across months, leap days and clock changes', () => {
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    // Europe's clocks change on 2026-03-29.
    expect(rangeDays({ from: '2026-03-28', to: '2026-03-30' })).toBe(3);
  });

  it('are the store’s, whatever the browser’s zone', () => {
    const instant = new Date('2026-11-22T02:30:00Z');
    expect(dayIn('America/Sao_Paulo', instant)).toBe('2026-11-21');
    expect(dayIn('Asia/Tokyo', instant)).toBe('2026-11-22');
  });

  it('are read strictly', () => {
    expect(isDay('2026-11-22')).toBe(true);
    for (const text of ['2026-02-30', '2026-13-01', '22/11/2026', '', '2026-1-1']) expect(isDay(text)).toBe(false);
  });

  it.each([
    ['today', '2026-03-15', '2026-03-15'],
    ['yesterday', '2026-03-14', '2026-03-14'],
    ['last7', '2026-03-09', '2026-03-15'],
    ['last30', '2026-02-14', '2026-03-15'],
    ['last90', '2025-12-16', '2026-03-15'],
    ['thisMonth', '2026-03-01', '2026-03-15'],
    ['lastMonth', '2026-02-01', '2026-02-28'],
  ] as const)('preset %s', (preset, from, to) => {
    expect(presetRange(preset, '2026-03-15')).toEqual({ from, to });
  });
});
