import type { Conversion, DayFigures, Figures, Money } from '../api/types';

/** The figures that follow from purchases. */
export type PurchaseFigures = Pick<Figures, 'conversions' | 'conversionValue' | 'clickThroughValue'>;

/** The purchases that a period had at an earlier instant. */
export function figuresUpTo(all: readonly Conversion[], until: Date): PurchaseFigures {
  const then = all.filter(({ createdAt }) => new Date(createdAt) <= until);
  const clicked = then.filter(({ credit }) => credit.kind === 'clickThrough');
  return {
    conversions: { total: then.length, assisted: then.length - clicked.length, clickThrough: clicked.length },
    conversionValue: sums(then),
    clickThroughValue: sums(clicked),
  };
}

/** The same by day: each day of the period with the purchases that its messages had at an earlier instant. */
export function daysUpTo(days: readonly DayFigures[], all: readonly Conversion[], until: Date): DayFigures[] {
  return days.map((day) => ({
    ...day,
    ...figuresUpTo(
      all.filter(({ credit }) => credit.day === day.day),
      until,
    ),
  }));
}

/** Sums by currency. Only shares are taken of them, so a rounded last digit does no harm. */
function sums(conversions: readonly Conversion[]): Money[] {
  const byCurrency = new Map<string, number>();
  for (const { currency, orderTotal } of conversions) {
    byCurrency.set(currency, (byCurrency.get(currency) ?? 0) + Number(orderTotal));
  }
  return [...byCurrency].map(([currency, amount]) => ({ currency, amount: String(amount) }));
}
