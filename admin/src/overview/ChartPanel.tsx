import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import type { DayFigures } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { Skeleton } from '../ui/Skeleton';
import { DailyChart } from './DailyChart';
import { DailyTable } from './DailyTable';
import { OneDayBars } from './OneDayBars';
import { SERIES, type Series } from './series';

/** The days of the range as a chart or as a table. */
export function ChartPanel({ days }: { days: DayFigures[] | undefined }) {
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
        <h3>{t('chart.title')}</h3>
        <Button kind="plain" isDisabled={!days} onPress={() => setAsTable(!asTable)}>
          {asTable ? t('chart.asChart') : t('chart.asTable')}
        </Button>
      </div>
      {!days ? (
        <Skeleton height={320} />
      ) : asTable ? (
        <DailyTable days={days} />
      ) : days.length === 1 ? (
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
            {days.some((day) => !day.settled) && (
              <span className="legend-counting">
                <span className="swatch-counting" aria-hidden="true" />
                {t('chart.counting')}
              </span>
            )}
          </div>
          <DailyChart days={days} series={shown} />
        </>
      )}
    </div>
  );
}
