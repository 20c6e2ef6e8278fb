import { expect, it } from 'vitest';
import type { Conversion } from '../../src/api/types';
import { figuresUpTo } from '../../src/overview/figuresUpTo';

const conversion = (createdAt: string, kind: 'assisted' | 'clickThrough', currency = 'BRL'): Conversion => ({
  orderGroup: createdAt,
  createdAt,
  orderTotal: '10.50',
  currency,
  credit: { kind, reminderId: 'r', campaignId: 'c', day: '2026-11-01' },
  hasClickedOnReminder: true,
});

it('counts the purchases made up to an instant, that instant included', () => {
  const all = [
    conversion('2026-11-01T10:00:00-03:00', 'assisted'),
    conversion('2026-11-01T12:00:00-03:00', 'clickThrough'),
    conversion('2026-11-01T12:00:00-03:00', 'clickThrough', 'USD'),
    conversion('2026-11-01T12:00:01-03:00', 'clickThrough'),
  ];
  expect(figuresUpTo(all, new Date('2026-11-01T15:00:00Z'))).toEqual({
    conversions: { total: 3, assisted: 1, clickThrough: 2 },
    conversionValue: [
      { currency: 'BRL', amount: '21' },
      { currency: 'USD', amount: '10.5' },
    ],
    clickThroughValue: [
      { currency: 'BRL', amount: '10.5' },
      { currency: 'USD', amount: '10.5' },
    ],
  });
});
