import { useFormat, type Format } from '../i18n/useFormat';
import type { Bucket } from './buckets';
import type { ChangeMark } from './changes';
import type { Line, Panel } from './panels';

/** What the chart says in words: the same to the eye and to a screen reader. */
export interface ChartText {
  /** A point's name below the axis. */
  tick: (bucket: Bucket) => string;
  /** A point's whole name. */
  title: (bucket: Bucket) => string;
  value: (line: Line, panel: Panel, bucket: Bucket) => string;
  change: (mark: ChangeMark) => string;
  describe: (
    bucket: Bucket,
    panels: readonly Panel[],
    covers: (figure: string) => boolean,
    earlier: Bucket | undefined,
    changes: readonly ChangeMark[],
  ) => string;
}

/** Whether a comparison stands behind the line: behind one line alone, or nobody could tell whose it is. */
export const isCompared = (panel: Panel, line: Line, covers: (figure: string) => boolean): boolean =>
  panel.lines.length === 1 && covers(line.figure);

export function useChartText(): ChartText {
  return chartText(useFormat());
}

export function chartText({ t, number, money, day, longDay, range, fixed }: Format): ChartText {
  const title = ({ from, to, days }: Bucket): string => (days === 1 ? longDay(from) : range({ from, to }));
  const value: ChartText['value'] = (line, { currency }, { figures }) =>
    currency ? money({ currency, amount: fixed(line.value(figures), currency) }) : number(line.value(figures));
  const change = ({ kind, campaign }: ChangeMark): string => t(`chart.${kind}`, { name: campaign });
  return {
    tick: ({ from }) => day(from),
    title,
    value,
    change,
    describe: (bucket, panels, covers, earlier, changes) => {
      const told = panels.flatMap((panel) =>
        panel.lines.map((line) => {
          const now = `${t(line.label)}: ${value(line, panel, bucket)}`;
          return earlier && isCompared(panel, line, covers)
            ? `${now} (${t('chart.beforeWas', { value: value(line, panel, earlier) })})`
            : now;
        }),
      );
      const counting = bucket.settled ? [] : [t('analytics.counting')];
      return [`${title(bucket)}. ${told.join(', ')}`, ...changes.map(change), ...counting].join('. ');
    },
  };
}
