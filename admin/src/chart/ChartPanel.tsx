import { memo, useMemo, useState } from 'react';
import type { Campaign, DayFigures, Earlier } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { FIGURES } from '../overview/figures';
import { isUnripe } from '../overview/comparison';
import { rangeDays, type Day } from '../period/days';
import { goTo } from '../period/urlState';
import { Button } from '../ui/Button';
import { KebabMenu } from '../ui/KebabMenu';
import { Skeleton } from '../ui/Skeleton';
import { bucketsBefore, bucketsOf, grainOf } from './buckets';
import type { ChangeMark } from './changes';
import { AXIS_HEIGHT, HIGH, LOW } from './chartScales';
import { ChartLegend } from './ChartLegend';
import { ChartTable } from './ChartTable';
import { OneDayBars } from './OneDayBars';
import { isComparable, OVERVIEW_PANELS, panelsOf, type Line } from './panels';
import { TrendChart } from './TrendChart';

interface ChartPanelProps {
  days: DayFigures[] | undefined;
  /** The days chosen, which may still be awaited. */
  from: Day;
  to: Day;
  today: Day;
  /** The campaign whose days these are; all campaigns without one. */
  campaign: Campaign | undefined;
  /** The figure that was chosen; messages and conversions without one. */
  figureId: string | undefined;
  comparison: Earlier | undefined;
  marks: readonly ChangeMark[];
}

/** The days of the range as a chart or as a table: of messages and conversions, or of the figure that was asked for. */
export const ChartPanel = memo(function ChartPanel(props: ChartPanelProps) {
  const { days, from, to, today, campaign, figureId, comparison, marks } = props;
  const format = useFormat();
  const { t } = format;
  const [asTable, setAsTable] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<Line['id']>>(new Set());
  const figure = FIGURES.find(({ id }) => id === figureId);
  // Distinct shoppers of days are no distinct shoppers of a week.
  const grain = figureId === 'uniqueClicks' ? 'day' : grainOf(days?.length ?? rangeDays({ from, to }));
  const buckets = useMemo(() => bucketsOf(days ?? [], grain, today), [days, grain, today]);
  const earlier = comparison?.days;
  const before = useMemo(() => earlier && bucketsBefore(buckets, earlier), [buckets, earlier]);
  const all = useMemo(
    () => (figure ? panelsOf(figure, [...buckets, ...(before ?? []).flatMap((each) => each ?? [])]) : OVERVIEW_PANELS),
    [figure, buckets, before],
  );
  const panels = useMemo(
    () => all.map((panel) => ({ ...panel, lines: panel.lines.filter(({ id }) => !hidden.has(id)) })),
    [all, hidden],
  );
  const compared = before && panels.some(isComparable);
  const toggle = (id: Line['id']): void => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    // The last line stays: an empty chart says nothing.
    if (all[0]?.lines.some((line) => !next.has(line.id))) setHidden(next);
  };
  const fileName = `${figureId ?? 'overview'}-${from}-${to}`;
  const save = (kind: 'csv' | 'png') => () => {
    void import('./saveChart').then(({ saveChart }) =>
      saveChart(
        kind,
        { buckets, panels, before },
        {
          title: title(),
          name: fileName,
          before: compared && comparison ? format.range(comparison) : undefined,
          marks,
        },
        format,
      ),
    );
  };
  const title = (): string => {
    const trend = t(`chart.title.${grain}`);
    return [figure && t(figure.label), trend, campaign?.name].filter(Boolean).join(' · ');
  };
  return (
    <div className="card chart-card">
      <div className="card-head">
        <h3 id="chart-title">{title()}</h3>
        <div className="card-actions">
          {figure && (
            <Button kind="plain" onPress={() => goTo({ figure: undefined })}>
              {t('chart.all')}
            </Button>
          )}
          <Button kind="plain" isDisabled={!days} onPress={() => setAsTable(!asTable)}>
            {asTable ? t('chart.asChart') : t('chart.asTable')}
          </Button>
          <KebabMenu
            label={t('chart.save')}
            actions={[
              { id: 'csv', label: t('chart.saveCsv'), onAction: save('csv') },
              { id: 'png', label: t('chart.savePng'), onAction: save('png') },
            ]}
          />
        </div>
      </div>
      {!days ? (
        <Skeleton height={LOW + HIGH + AXIS_HEIGHT + 40} />
      ) : asTable ? (
        <ChartTable buckets={buckets} panels={all} before={before} optOuts={!figure} />
      ) : all.length === 0 ? (
        <p className="table-note muted">{t('chart.noMoney')}</p>
      ) : buckets.length === 1 ? (
        <OneDayBars bucket={buckets[0]} panels={all} before={before?.[0]} />
      ) : (
        <>
          <ChartLegend
            panels={all}
            hidden={hidden}
            onToggle={toggle}
            before={compared ? comparison : undefined}
            unripe={panels.some(
              (panel) => isComparable(panel) && panel.lines.some((line) => isUnripe(comparison, line.figure)),
            )}
            hatched={buckets.some(({ settled }) => settled) && buckets.some(({ settled }) => !settled)}
            open={buckets.at(-1)?.open ?? false}
            marked={marks.length > 0}
          />
          <TrendChart buckets={buckets} panels={panels} before={before} marks={marks} />
        </>
      )}
    </div>
  );
});
