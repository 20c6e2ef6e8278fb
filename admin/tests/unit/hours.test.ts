import { describe, expect, it } from 'vitest';
import { everyDayLike, isOpenOnce, pressed, spanOf, withSpan, type Hours } from '../../src/sending/hours';
import { minimumOf } from '../../src/sending/MinimumFields';

const hours: Hours = { mon: ['09:30', '20:00'], sat: ['10:00', '24:00'] };

describe('hours', () => {
  it('shows every hour that a window touches', () => {
    expect(spanOf(hours, 'mon')).toEqual({ from: 9, to: 20 });
    expect(spanOf({ mon: ['09:00', '19:15'] }, 'mon')).toEqual({ from: 9, to: 20 });
    expect(spanOf(hours, 'sat')).toEqual({ from: 10, to: 24 });
    expect(spanOf(hours, 'sun')).toBeUndefined();
  });

  it('opens up to the hour that was pressed, and closes from there', () => {
    const span = { from: 9, to: 12 };
    expect(pressed(undefined, 5)).toEqual({ from: 5, to: 6 });
    expect(pressed(span, 7)).toEqual({ from: 7, to: 12 });
    expect(pressed(span, 15)).toEqual({ from: 9, to: 16 });
    expect(pressed(span, 9)).toEqual({ from: 10, to: 12 });
    expect(pressed(span, 11)).toEqual({ from: 9, to: 11 });
    expect(pressed({ from: 9, to: 20 }, 12)).toEqual({ from: 9, to: 13 });
    expect(pressed({ from: 9, to: 10 }, 9)).toBeUndefined();
  });

  it('leaves the other days as they are', () => {
    expect(withSpan(hours, 'sat', { from: 10, to: 12 })).toEqual({ mon: ['09:30', '20:00'], sat: ['10:00', '12:00'] });
    expect(withSpan(hours, 'mon', undefined)).toEqual({ sat: ['10:00', '24:00'] });
    expect(isOpenOnce(withSpan({ mon: ['09:00', '10:00'] }, 'mon', undefined))).toBe(false);
    expect(everyDayLike(hours, 'mon').sun).toEqual(['09:30', '20:00']);
  });
});

describe('minimums', () => {
  const of = (...rows: [string, string][]) =>
    minimumOf(rows.map(([currency, amount], id) => ({ id, currency, amount })));

  it('are amounts of known currencies, each once', () => {
    expect(of(['brl', '49,90'], ['CLP', '5000'], ['', ''])).toEqual([
      { currency: 'BRL', amount: '49.90' },
      { currency: 'CLP', amount: '5000' },
    ]);
    for (const [currency, amount] of [
      ['CLP', '5000.5'],
      ['BRL', '1.999'],
      ['BRL', '-1'],
      ['BRL', ''],
      ['', '5'],
      ['R$', '5'],
    ] as const)
      expect(of([currency, amount])).toBeUndefined();
    expect(of(['BRL', '1'], ['BRL', '2'])).toBeUndefined();
  });
});
