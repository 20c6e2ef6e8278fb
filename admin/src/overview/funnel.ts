import type { Figures, MessagePrice, Money } from '../api/types';

/** A step on the way from a message to a purchase. */
export interface Step {
  id: 'delivered' | 'read' | 'clicked' | 'bought';
  count: number;
  /** Of the messages delivered. */
  ofDelivered: number | undefined;
  /** Of the step before; not of purchases, which need no click (assisted ones have none). */
  ofBefore: number | undefined;
}

const ratio = (part: number, whole: number): number | undefined => (whole > 0 ? part / whole : undefined);

export function funnelOf({ delivered, read, uniqueClicks, conversions }: Figures): Step[] {
  return [
    { id: 'delivered', count: delivered, ofDelivered: undefined, ofBefore: undefined },
    { id: 'read', count: read, ofDelivered: ratio(read, delivered), ofBefore: undefined },
    {
      id: 'clicked',
      count: uniqueClicks,
      ofDelivered: ratio(uniqueClicks, delivered),
      ofBefore: ratio(uniqueClicks, read),
    },
    { id: 'bought', count: conversions.total, ofDelivered: ratio(conversions.total, delivered), ofBefore: undefined },
  ];
}

/**
 * What an order is worth on average. With several currencies nobody can say: orders are counted together, amounts
 * aren't (R8).
 */
export function averageOrder({ conversions, conversionValue }: Figures): Money | undefined {
  const [value, ...others] = conversionValue;
  if (!value || others.length > 0 || conversions.total === 0) return undefined;
  const digits = value.amount.split('.')[1]?.length ?? 0;
  return { currency: value.currency, amount: (Number(value.amount) / conversions.total).toFixed(digits) };
}

/** What the messages delivered cost, and what their purchases brought for it. */
export interface Returns {
  cost: Money;
  /** Value beyond the cost as a share of the cost: 1 is twice the cost. */
  roi: number;
}

/** Why costs aren't told. */
export type NoReturns = 'currencies' | 'price';

/**
 * Costs and what they brought, where one currency answers (R8): that of the value, or the price's where there is no
 * value. `digits` are the decimals of a currency.
 */
export function returnsOf(
  { delivered, conversionValue }: Figures,
  prices: readonly MessagePrice[],
  digits: (currency: string) => number,
): Returns | NoReturns {
  const currencies = new Set(conversionValue.map(({ currency }) => currency));
  if (currencies.size > 1) return 'currencies';
  const [value] = conversionValue;
  const [price, ...others] = value ? prices.filter(({ currency }) => currency === value.currency) : prices;
  if (!price) return 'price';
  if (others.length > 0) return 'currencies';
  const cost = timesPrice(delivered, price.price, digits(price.currency));
  return {
    cost: { currency: price.currency, amount: cost },
    roi: (Number(value?.amount ?? 0) - Number(cost)) / Number(cost),
  };
}

/** A price times a count, to the digits of its currency. Whole numbers, so that nothing is lost before it is rounded. */
function timesPrice(count: number, price: string, digits: number): string {
  const [whole = '0', fraction = ''] = price.split('.');
  const scale = 10n ** BigInt(fraction.length);
  const unit = 10n ** BigInt(digits);
  const rounded = (BigInt(whole + fraction) * BigInt(count) * unit * 2n + scale) / (scale * 2n);
  const text = String(rounded).padStart(digits + 1, '0');
  return digits > 0 ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
}
