import type { PurchaseTotals as Totals } from '../api/types';
import { useFormat } from '../i18n/useFormat';

interface PurchaseTotalsProps {
  /** Of all currencies. */
  totals: Totals;
  currency: string | undefined;
  /** How many purchases are listed, once all are. */
  listed: number | undefined;
}

/** How many purchases there are and what they come to. Of one currency among several only the list itself tells how many. */
export function PurchaseTotals({ totals, currency, listed }: PurchaseTotalsProps) {
  const { t, number, money } = useFormat();
  const count = currency === undefined ? totals.conversions : listed;
  const sums = totals.value.filter((sum) => currency === undefined || sum.currency === currency);
  const texts = [
    ...(count === undefined ? [] : [t('purchases.count', { count, number: number(count) })]),
    ...sums.map(money),
  ];
  return (
    <p className="table-totals numeric" role="status">
      {texts.join(' · ')}
    </p>
  );
}
