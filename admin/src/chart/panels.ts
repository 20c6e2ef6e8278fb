import type { Figures } from '../api/types';
import type { FirstMessageId } from '../i18n/useFormat';
import { amountIn, type Figure } from '../overview/figures';
import type { Bucket } from './buckets';

/** A line of the chart: told apart by colour, by dash and by its name. */
export interface Line {
  id: 'delivered' | 'read' | 'clicks' | 'conversions' | 'asked';
  label: FirstMessageId;
  dash: string;
  /** The figure that it shows, by which a comparison is known to cover it. */
  figure: string;
  value: (figures: Figures) => number;
}

/** Lines on one scale. What is of another size or of another currency has a panel of its own: there is no second axis. */
export interface Panel {
  id: string;
  lines: readonly Line[];
  /** The currency of its amounts; counts without one. */
  currency: string | undefined;
  /** Whether it is drawn high. */
  high: boolean;
}

/** Whether earlier days can stand behind the panel's line: behind one line alone, or nobody could tell whose they are. */
export const isComparable = (panel: Panel): boolean => panel.lines.length === 1;

export const MESSAGE_LINES: readonly Line[] = [
  { id: 'delivered', label: 'chart.delivered', dash: '', figure: 'delivered', value: (f) => f.delivered },
  { id: 'read', label: 'chart.read', dash: '7 4', figure: 'read', value: (f) => f.read },
  { id: 'clicks', label: 'chart.clicks', dash: '2 4', figure: 'totalClicks', value: (f) => f.totalClicks },
];

const CONVERSIONS: Line = {
  id: 'conversions',
  label: 'chart.conversions',
  dash: '',
  figure: 'conversions',
  value: (f) => f.conversions.total,
};

/** What the chart shows as long as no figure is chosen: conversions apart, since beside messages they lie on zero. */
export const OVERVIEW_PANELS: readonly Panel[] = [
  { id: 'messages', lines: MESSAGE_LINES, currency: undefined, high: true },
  { id: 'conversions', lines: [CONVERSIONS], currency: undefined, high: false },
];

/** The panels of one figure: one, or one for each currency that it has in these days or in those before. */
export function panelsOf(figure: Figure, buckets: readonly Bucket[]): Panel[] {
  const line = { id: 'asked', label: figure.label, dash: '', figure: figure.id } as const;
  if (figure.kind === 'count') {
    return [{ id: figure.id, lines: [{ ...line, value: figure.count }], currency: undefined, high: true }];
  }
  const currencies = [
    ...new Set(buckets.flatMap((bucket) => figure.money(bucket.figures).map((each) => each.currency))),
  ];
  return currencies.sort().map((currency) => ({
    id: currency,
    lines: [{ ...line, value: (figures) => amountIn(figure.money(figures), currency) }],
    currency,
    high: currencies.length === 1,
  }));
}
