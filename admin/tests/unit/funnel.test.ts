import { expect, it } from 'vitest';
import { averageOrder, funnelOf, returnsOf } from '../../src/overview/funnel';
import { readPrice, withPrice } from '../../src/overview/prices';
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

const digits = (currency: string): number => (currency === 'CLP' ? 0 : 2);

it('costs and what they brought are told where one currency answers', () => {
  const prices = [
    { currency: 'BRL', price: '0.0625' },
    { currency: 'CLP', price: '33.5' },
  ];
  const of = (conversionValue: { currency: string; amount: string }[], known = prices) =>
    returnsOf(figuresWith({ delivered: 333, conversionValue }), known, digits);
  // 333 times 0.0625 is 20.8125.
  expect(of([{ currency: 'BRL', amount: '62.43' }])).toEqual({
    cost: { currency: 'BRL', amount: '20.81' },
    roi: expect.closeTo(2, 9) as number,
  });
  expect(of([{ currency: 'CLP', amount: '5578' }])).toMatchObject({
    cost: { currency: 'CLP', amount: '11156' },
    roi: -0.5,
  });
  expect(of([brl, { currency: 'CLP', amount: '1' }])).toBe('currencies');
  expect(of([{ currency: 'USD', amount: '5.00' }])).toBe('price');
  expect(of([brl], [])).toBe('price');
  // Without a purchase the price's currency answers, if there is one alone.
  expect(of([])).toBe('currencies');
  expect(of([], prices.slice(0, 1))).toEqual({ cost: { currency: 'BRL', amount: '20.81' }, roi: -1 });
});

it('a cost loses nothing before it is rounded', () => {
  const price = [{ currency: 'BRL', price: '999999.999999' }];
  const told = returnsOf(figuresWith({ delivered: 9_999_999 }), price, digits);
  expect(told).toMatchObject({ cost: { amount: '9999998999990.00' } });
});

it('a price is read with a comma or a point, and nothing else is one', () => {
  expect(['0.0625', ' 0,35 ', '12', '999999.999999'].map(readPrice)).toEqual(['0.0625', '0.35', '12', '999999.999999']);
  for (const text of ['', '0', '0,000', '-1', '1.', '.5', '1e3', '1.000,50', '1234567', '0.0000001', 'R$ 1']) {
    expect(readPrice(text), text).toBeUndefined();
  }
});

it('one price is changed or taken out, and the others stay', () => {
  const prices = [
    { currency: 'BRL', price: '0.35' },
    { currency: 'USD', price: '0.06' },
  ];
  expect(withPrice(prices, 'BRL', '0.4')).toEqual([prices[1], { currency: 'BRL', price: '0.4' }]);
  expect(withPrice(prices, 'USD', undefined)).toEqual([prices[0]]);
});
