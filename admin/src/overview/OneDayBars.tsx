import type { DayFigures } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { SERIES } from './series';

/** One day has no lines to draw: its figures side by side. */
export function OneDayBars({ day }: { day: DayFigures | undefined }) {
  const { t, number, longDay } = useFormat();
  if (!day) return null;
  const greatest = Math.max(...SERIES.map((series) => series.value(day)), 1);
  return (
    <>
      <p className="muted">
        {longDay(day.day)}
        {!day.settled && ` · ${t('analytics.counting')}`}
      </p>
      <dl className="bars">
        {SERIES.map((series) => (
          <div key={series.id} className={`bar-row ${series.id}`}>
            <dt>{t(series.label)}</dt>
            <dd>
              <span className="bar" aria-hidden="true" style={{ width: `${(series.value(day) / greatest) * 100}%` }} />
              <span className="numeric">{number(series.value(day))}</span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
