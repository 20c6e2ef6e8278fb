import type { Figures, Money } from '../api/types';
import type { FirstMessageId } from '../i18n/useFormat';

/** One figure of the product page: what it is called, explained by, and taken from. */
interface FigureBase {
  id: string;
  label: FirstMessageId;
  help: FirstMessageId;
}

export interface CountFigure extends FigureBase {
  kind: 'count';
  count: (figures: Figures) => number;
  /** What the count is a share of, where that says something. */
  share?: { message: FirstMessageId; of: (figures: Figures) => number };
}

export interface MoneyFigure extends FigureBase {
  kind: 'money';
  money: (figures: Figures) => Money[];
  /** What the amounts are a share of. */
  of?: (figures: Figures) => Money[];
}

export type Figure = CountFigure | MoneyFigure;

/** The figures in the order of the product page, after the messages sent. */
export const FIGURES: readonly Figure[] = [
  { id: 'sent', kind: 'count', label: 'figure.sent', help: 'figure.sent.help', count: (f) => f.sent },
  {
    id: 'delivered',
    kind: 'count',
    label: 'figure.delivered',
    help: 'figure.delivered.help',
    count: (f) => f.delivered,
    share: { message: 'figure.ofSent', of: (f) => f.sent },
  },
  {
    id: 'read',
    kind: 'count',
    label: 'figure.read',
    help: 'figure.read.help',
    count: (f) => f.read,
    share: { message: 'figure.ofDelivered', of: (f) => f.delivered },
  },
  {
    id: 'uniqueClicks',
    kind: 'count',
    label: 'figure.uniqueClicks',
    help: 'figure.uniqueClicks.help',
    count: (f) => f.uniqueClicks,
  },
  {
    id: 'totalClicks',
    kind: 'count',
    label: 'figure.totalClicks',
    help: 'figure.totalClicks.help',
    count: (f) => f.totalClicks,
  },
  {
    id: 'conversions',
    kind: 'count',
    label: 'figure.conversions',
    help: 'figure.conversions.help',
    count: (f) => f.conversions.total,
    share: { message: 'figure.ofDelivered', of: (f) => f.delivered },
  },
  {
    id: 'assisted',
    kind: 'count',
    label: 'figure.assisted',
    help: 'figure.assisted.help',
    count: (f) => f.conversions.assisted,
    share: { message: 'figure.ofConversions', of: (f) => f.conversions.total },
  },
  {
    id: 'clickThrough',
    kind: 'count',
    label: 'figure.clickThrough',
    help: 'figure.clickThrough.help',
    count: (f) => f.conversions.clickThrough,
    share: { message: 'figure.ofConversions', of: (f) => f.conversions.total },
  },
  {
    id: 'conversionValue',
    kind: 'money',
    label: 'figure.conversionValue',
    help: 'figure.conversionValue.help',
    money: (f) => f.conversionValue,
  },
  {
    id: 'clickThroughValue',
    kind: 'money',
    label: 'figure.clickThroughValue',
    help: 'figure.clickThroughValue.help',
    money: (f) => f.clickThroughValue,
    of: (f) => f.conversionValue,
  },
];

/** The amount in one currency, as a number to compare with; only for the share of a change. */
export const amountIn = (money: readonly Money[], currency: string): number =>
  Number(money.find((each) => each.currency === currency)?.amount ?? 0);

/** The relative change, or none where there is nothing to compare with. */
export const change = (now: number, before: number): number | undefined =>
  before > 0 ? (now - before) / before : undefined;
