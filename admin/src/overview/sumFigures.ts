import type { Figures, Money } from '../api/types';

/**
 * Figures of several days or campaigns together. Distinct shoppers don't add up (R4): of several there is no such
 * figure, and whoever shows the sum leaves it out.
 */
export function sumFigures(all: readonly Figures[]): Figures {
  const sum = (count: (figures: Figures) => number): number => all.reduce((total, each) => total + count(each), 0);
  return {
    sent: sum((f) => f.sent),
    delivered: sum((f) => f.delivered),
    read: sum((f) => f.read),
    failed: sum((f) => f.failed),
    uniqueClicks: 0,
    totalClicks: sum((f) => f.totalClicks),
    optOuts: sum((f) => f.optOuts),
    conversions: {
      total: sum((f) => f.conversions.total),
      assisted: sum((f) => f.conversions.assisted),
      clickThrough: sum((f) => f.conversions.clickThrough),
    },
    conversionValue: addMoney(all.map((each) => each.conversionValue)),
    clickThroughValue: addMoney(all.map((each) => each.clickThroughValue)),
  };
}

export function addMoney(lists: readonly Money[][]): Money[] {
  const sums = new Map<string, string>();
  for (const { currency, amount } of lists.flat()) sums.set(currency, addAmounts(sums.get(currency) ?? '0', amount));
  return [...sums]
    .map(([currency, amount]) => ({ currency, amount }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

/** Adds decimals of one currency without rounding. */
function addAmounts(a: string, b: string): string {
  const digits = Math.max(...[a, b].map((text) => text.split('.')[1]?.length ?? 0));
  const minor = (text: string): bigint => {
    const [whole = '0', rest = ''] = text.split('.');
    return BigInt(whole + rest.padEnd(digits, '0'));
  };
  const sum = String(minor(a) + minor(b)).padStart(digits + 1, '0');
  return digits > 0 ? `${sum.slice(0, -digits)}.${sum.slice(-digits)}` : sum;
}
