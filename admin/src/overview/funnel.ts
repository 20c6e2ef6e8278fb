import type { Figures, Money } from '../api/types';

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
