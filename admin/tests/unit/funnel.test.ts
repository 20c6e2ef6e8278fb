import { expect, it } from 'vitest';
import { averageOrder, funnelOf } from '../../src/overview/funnel';
import { figuresWith } from './figures';

const conversions = { total: 4, assisted: 3, clickThrough: 1 };
const brl = { currency: 'BRL', amount: '100.10' };

it('a funnel tells each step of those delivered, and clicks of those read', () => {
  const steps = funnelOf(figuresWith({ delivered: 10, read: 5, uniqueClicks: 2, conversions }));
  expect(steps.map(({ id, count, ofDelivered, ofBefore }) => [id, count, ofDelivered, ofBefore])).toEqual([
    ['delivered', 10, undefined, undefined],
    ['read', 5, 0.5, undefined],
    ['clicked', 2, 0.2, 0.4],
    ['bought', 4, 0.4, undefined],
  ]);
  expect(
    funnelOf(figuresWith()).every(({ ofDelivered, ofBefore }) => ofDelivered === undefined && ofBefore === undefined),
  ).toBe(true);
});

it('an average order is told where one currency answers it', () => {
  expect(averageOrder(figuresWith({ conversions, conversionValue: [brl] }))).toEqual({
    currency: 'BRL',
    amount: '25.02',
  });
  expect(
    averageOrder(figuresWith({ conversions, conversionValue: [{ currency: 'CLP', amount: '1001' }] }))?.amount,
  ).toBe('250');
  expect(
    averageOrder(figuresWith({ conversions, conversionValue: [brl, { currency: 'USD', amount: '1.00' }] })),
  ).toBeUndefined();
  expect(averageOrder(figuresWith({ conversionValue: [] }))).toBeUndefined();
});
