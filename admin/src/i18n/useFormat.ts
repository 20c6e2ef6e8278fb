import { useIntl, type IntlShape } from 'react-intl';
import type { Money } from '../api/types';
import { dayDate, type Day, type DayRange } from '../period/days';
import { chooseLocale, type Locale } from './locale';
import type ptBR from '../messages/pt-BR.json';
import type cartsPtBR from '../messages/carts-pt-BR.json';
import type sendingPtBR from '../messages/sending-pt-BR.json';
import type settingsPtBR from '../messages/settings-pt-BR.json';

/** The texts that are there from the first screen on. */
export type FirstMessageId = keyof typeof ptBR;
/** Those, and the ones that come with other parts of the page (`LaterTexts`). */
export type MessageId = FirstMessageId | keyof typeof settingsPtBR | keyof typeof sendingPtBR | keyof typeof cartsPtBR;
export type Values = Record<string, string | number>;

/** Everything that the page writes in the user's language. */
export interface Format {
  /** The locale of the formats. */
  locale: string;
  /** The language of the texts. */
  language: Locale;
  t: (id: MessageId, values?: Values) => string;
  number: (value: number) => string;
  compact: (value: number) => string;
  percent: (share: number) => string;
  signedPercent: (share: number) => string;
  money: (value: Money) => string;
  /** An amount on a chart's axis. */
  compactMoney: (amount: number, currency: string) => string;
  /** The decimals of a currency. */
  digits: (currency: string) => number;
  /** A price as it was set, which can be finer than the currency's digits. */
  price: (value: { currency: string; price: string }) => string;
  /** An amount as a decimal with its currency's digits. */
  fixed: (amount: number, currency: string) => string;
  day: (day: Day) => string;
  longDay: (day: Day) => string;
  range: (range: DayRange) => string;
  /** The time of day of an instant in the store's time zone. */
  time: (at: Date, timeZone: string) => string;
  /** Date and time of an instant in the store's time zone. */
  instant: (at: string, timeZone: string) => string;
  /** What a time zone is called, with its IANA name. */
  zone: (timeZone: string) => string;
}

const made = new WeakMap<IntlShape, Format>();

/** One for the whole page: formatters are dear, and each of a hundred rows would make its own. */
export function useFormat(): Format {
  const intl = useIntl();
  const held = made.get(intl) ?? createFormat(intl);
  made.set(intl, held);
  return held;
}

function createFormat(intl: IntlShape): Format {
  const { locale } = intl;
  const currencies = new Map<string, Intl.NumberFormat>();
  const instants = new Map<string, Intl.DateTimeFormat>();
  const number = new Intl.NumberFormat(locale);
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const signed = new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  });
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const longDay = new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });
  const range = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  return {
    locale,
    language: chooseLocale([locale]),
    t: (id, values) => intl.formatMessage({ id }, values),
    number: (value) => number.format(value),
    compact: (value) => compact.format(value),
    percent: (share) => percent.format(share),
    signedPercent: (share) => signed.format(share),
    money: ({ currency, amount }) =>
      // The amount is a decimal text: formatting it as one keeps every digit.
      kept(currencies, currency, () => new Intl.NumberFormat(locale, { style: 'currency', currency })).format(
        amount as Intl.StringNumericLiteral,
      ),
    compactMoney: (amount, currency) =>
      new Intl.NumberFormat(locale, {
        style: 'currency',
        currency,
        notation: 'compact',
        minimumFractionDigits: 0,
        maximumFractionDigits: 1,
      }).format(amount),
    digits: (currency) => digitsOf(locale, currency),
    price: ({ currency, price }) =>
      new Intl.NumberFormat(locale, {
        style: 'currency',
        currency,
        maximumFractionDigits: Math.max(digitsOf(locale, currency), price.split('.')[1]?.length ?? 0),
      }).format(price as Intl.StringNumericLiteral),
    fixed: (amount, currency) => amount.toFixed(digitsOf(locale, currency)),
    day: (at) => day.format(dayDate(at)),
    longDay: (at) => longDay.format(dayDate(at)),
    range: ({ from, to }) => range.formatRange(dayDate(from), dayDate(to)),
    time: (at, timeZone) => new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone }).format(at),
    instant: (at, timeZone) =>
      kept(
        instants,
        timeZone,
        () => new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'short', timeZone }),
      ).format(new Date(at)),
    zone: (timeZone) => {
      const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'longGeneric' }).formatToParts();
      const name = parts.find(({ type }) => type === 'timeZoneName')?.value;
      return `${name ?? ''} (${timeZone.replaceAll('_', ' ')})`;
    },
  };
}

const digitsOf = (locale: string, currency: string): number =>
  new Intl.NumberFormat(locale, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;

/** What was made for a key, made when it is first asked for. */
function kept<T>(all: Map<string, T>, key: string, make: () => T): T {
  const held = all.get(key) ?? make();
  all.set(key, held);
  return held;
}
