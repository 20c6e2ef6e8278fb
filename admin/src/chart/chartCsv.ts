import type { Format } from '../i18n/useFormat';
import type { Bucket } from './buckets';
import { isComparable, type Line, type Panel } from './panels';

/** What the chart shows, to be saved. */
export interface Charted {
  buckets: readonly Bucket[];
  panels: readonly Panel[];
  before: readonly (Bucket | undefined)[] | undefined;
}

/** A line's name; with its currency where it has one. */
export const lineName = (t: Format['t'], line: Line, { currency }: Panel): string =>
  currency ? `${t(line.label)} (${currency})` : t(line.label);

/** A cell of a comma-separated file (RFC 4180). The texts are the page's own: none begins as a formula does. */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The chart's points as a comma-separated file: days as `YYYY-MM-DD`, amounts in decimals with a point. */
export function chartCsv({ buckets, panels, before }: Charted, { t, fixed }: Format): string {
  const columns = panels.flatMap((panel) => panel.lines.map((line) => ({ panel, line })));
  const compared = before ? columns.filter(({ panel }) => isComparable(panel)) : [];
  const value = ({ panel, line }: (typeof columns)[number], bucket: Bucket): string => {
    const amount = line.value(bucket.figures);
    return panel.currency ? fixed(amount, panel.currency) : String(amount);
  };
  const names = columns.map(({ panel, line }) => lineName(t, line, panel));
  const beforeNames = compared.map(({ panel, line }) => t('chart.beforeColumn', { figure: lineName(t, line, panel) }));
  const beforeDays = compared.length > 0 ? [t('chart.beforeFrom'), t('chart.beforeTo')] : [];
  const head = [t('chart.from'), t('chart.to'), ...names, ...beforeDays, ...beforeNames];
  const rows = buckets.map((bucket, index) => {
    const earlier = before?.[index];
    return [
      bucket.from,
      bucket.to,
      ...columns.map((column) => value(column, bucket)),
      ...(compared.length > 0 ? [earlier?.from ?? '', earlier?.to ?? ''] : []),
      ...compared.map((column) => (earlier ? value(column, earlier) : '')),
    ];
  });
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
