import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import type { Campaign, DayFigures } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { Skeleton } from '../ui/Skeleton';
import { CHART_HEIGHT } from './chartScales';
import { DailyChart } from './DailyChart';
import { DailyTable } from './DailyTable';
import { OneDayBars } from './OneDayBars';
import { SERIES, type Series } from './series';

interface ChartPanelProps {
  days: DayFigures[] | undefined;
  /** The campaign whose days these are; all campaigns without one. */
  campaign: Campaign | undefined;
}

/** The days of the range as a chart or as a table. */
export function ChartPanel({ days, campaign }: ChartPanelProps) {
  const { t } = useFormat();
  const [asTable, setAsTable] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<Series['id']>>(new Set());
  const shown = SERIES.filter((series) => !hidden.has(series.id));
  const toggle = (id: Series['id']): void => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    // The last line stays: an empty chart says nothing.
    if (next.size < SERIES.length) setHidden(next);
  };
  return (
    <div className="card chart-card">
      <div className="card-head">
        <h3>
          {t('chart.title')}
          {campaign && <span className="muted"> · {campaign.name}</span>}
        </h3>
        <Button kind="plain" isDisabled={!days} onPress={() => setAsTable(!asTable)}>
          {asTable ? t('chart.asChart') : t('chart.asTable')}
        </Button>
      </div>
      {days && asTable ? (
        <DailyTable days={days} />
      ) : days?.length === 1 ? (
        <OneDayBars day={days[0]} />
      ) : (
        <>
          <div className="legend" role="group" aria-label={t('chart.series')}>
            {SERIES.map((series) => (
              <AriaButton
                key={series.id}
                className={`legend-item ${series.id}`}
                aria-pressed={!hidden.has(series.id)}
                onPress={() => toggle(series.id)}
              >
                <svg width="24" height="10" viewBox="0 0 24 10" aria-hidden="true">
                  <line x1="1" x2="23" y1="5" y2="5" className="series-line" strokeDasharray={series.dash} />
                </svg>
                {t(series.label)}
              </AriaButton>
            ))}
            {days?.some((day) => !day.settled) && (
              <span className="legend-counting">
                <span className="swatch-counting" aria-hidden="true" />
                {t('chart.counting')}
              </span>
            )}
          </div>
          {days ? <DailyChart days={days} series={shown} /> : <Skeleton height={CHART_HEIGHT} />}
        </>
      )}
    </div>
  );
}
