import type { Conversion, Figures, Money } from '../api/types';

/** The purchases that a period had at an earlier instant. */
export function figuresUpTo(
  all: readonly Conversion[],
  until: Date,
): Pick<Figures, 'conversions' | 'conversionValue' | 'clickThroughValue'> {
  const then = all.filter(({ createdAt }) => new Date(createdAt) <= until);
  const clicked = then.filter(({ credit }) => credit.kind === 'clickThrough');
  return {
    conversions: { total: then.length, assisted: then.length - clicked.length, clickThrough: clicked.length },
    conversionValue: sums(then),
    clickThroughValue: sums(clicked),
  };
}

/** Sums by currency. Only shares are taken of them, so a rounded last digit does no harm. */
function sums(conversions: readonly Conversion[]): Money[] {
  const byCurrency = new Map<string, number>();
  for (const { currency, orderTotal } of conversions) {
    byCurrency.set(currency, (byCurrency.get(currency) ?? 0) + Number(orderTotal));
  }
  return [...byCurrency].map(([currency, amount]) => ({ currency, amount: String(amount) }));
}
