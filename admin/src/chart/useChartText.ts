import { useFormat, type Format } from '../i18n/useFormat';
import type { Bucket } from './buckets';
import type { ChangeMark } from './changes';
import { isComparable, type Line, type Panel } from './panels';

/** What the chart says in words: the same to the eye and to a screen reader. */
export interface ChartText {
  /** A point's name below the axis. */
  tick: (bucket: Bucket) => string;
  /** A point's whole name. */
  title: (bucket: Bucket) => string;
  value: (line: Line, panel: Panel, bucket: Bucket) => string;
  /** What was changed: the first few, and how many more. */
  changes: (marks: readonly ChangeMark[]) => string[];
  describe: (
    bucket: Bucket,
    panels: readonly Panel[],
    earlier: Bucket | undefined,
    marks: readonly ChangeMark[],
  ) => string;
}

/** Changes of one point that are told by name: a store that edits a hundred campaigns at once gets their number. */
const TOLD_CHANGES = 5;

export function useChartText(): ChartText {
  return chartText(useFormat());
}

export function chartText({ t, number, money, day, longDay, range, fixed }: Format): ChartText {
  const title = ({ from, to, days }: Bucket): string => (days === 1 ? longDay(from) : range({ from, to }));
  const value: ChartText['value'] = (line, { currency }, { figures }) =>
    currency ? money({ currency, amount: fixed(line.value(figures), currency) }) : number(line.value(figures));
  const changes: ChartText['changes'] = (marks) => [
    ...marks.slice(0, TOLD_CHANGES).map(({ kind, campaign }) => t(`chart.${kind}`, { name: campaign })),
    ...(marks.length > TOLD_CHANGES ? [t('chart.moreChanges', { count: marks.length - TOLD_CHANGES })] : []),
  ];
  return {
    tick: ({ from }) => day(from),
    title,
    value,
    changes,
    describe: (bucket, panels, earlier, marks) => {
      const told = panels.flatMap((panel) =>
        panel.lines.map((line) => {
          const now = `${t(line.label)}: ${value(line, panel, bucket)}`;
          return earlier && isComparable(panel)
            ? `${now} (${t('chart.beforeWas', { value: value(line, panel, earlier) })})`
            : now;
        }),
      );
      const counting = bucket.settled ? [] : [t('analytics.counting')];
      return [`${title(bucket)}. ${told.join(', ')}`, ...changes(marks), ...counting].join('. ');
    },
  };
}
