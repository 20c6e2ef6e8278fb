import type { MessagePrice } from '../api/types';

/** A price as people type it, with a comma or a point; undefined for what is none. */
export function readPrice(text: string): string | undefined {
  const plain = text.trim().replace(',', '.');
  return /^\d{1,6}(?:\.\d{1,6})?$/.test(plain) && Number(plain) > 0 ? plain : undefined;
}

/** The prices with one of them changed, or taken out. */
export const withPrice = (
  prices: readonly MessagePrice[],
  currency: string,
  price: string | undefined,
): MessagePrice[] => [
  ...prices.filter((each) => each.currency !== currency),
  ...(price === undefined ? [] : [{ currency, price }]),
];
