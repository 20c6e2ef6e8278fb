import type { Earlier, Money } from '../api/types';

/**
 * Whether a figure of earlier days can't be told as of the same age: they are shown as they are today, after more
 * time than the days shown have had.
 */
export const isUnripe = (earlier: Earlier | undefined, figure: string): boolean =>
  earlier?.unripe.some((each) => each === figure) ?? false;

/** The amounts of now and of before by currency: one that fell to zero stays, with nothing. */
export function amountsBeside(now: readonly Money[], before: readonly Money[]): { now: Money; before: Money }[] {
  const nothing = ({ currency, amount }: Money): Money => ({
    currency,
    amount: amount.replace(/^\d+/, '0').replaceAll(/\d/g, '0'),
  });
  const other = (all: readonly Money[], one: Money): Money =>
    all.find(({ currency }) => currency === one.currency) ?? nothing(one);
  return [...now, ...before.filter((one) => !now.some(({ currency }) => currency === one.currency))]
    .map((one) => ({ now: other(now, one), before: other(before, one) }))
    .sort((a, b) => (a.now.currency < b.now.currency ? -1 : 1));
}
