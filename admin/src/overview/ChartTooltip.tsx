import type { DayFigures } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import type { Series } from './series';

const WIDTH = 184;

interface ChartTooltipProps {
  day: DayFigures;
  series: readonly Series[];
  x: number;
  width: number;
}

/** The figures of the day under the pointer; the slider's text says the same to a screen reader. */
export function ChartTooltip({ day, series, x, width }: ChartTooltipProps) {
  const { t, number, longDay } = useFormat();
  const beside = x + 16 + WIDTH < width ? x + 16 : x - 16 - WIDTH;
  return (
    <div className="chart-tooltip" aria-hidden="true" style={{ left: Math.max(0, beside), width: WIDTH }}>
      <p className="chart-tooltip-day">{longDay(day.day)}</p>
      {series.map((each) => (
        <p key={each.id} className={`chart-tooltip-row ${each.id}`}>
          <svg width="16" height="8" viewBox="0 0 16 8">
            <line x1="0" x2="16" y1="4" y2="4" className="series-line" strokeDasharray={each.dash} />
          </svg>
          <span>{t(each.label)}</span>
          <strong className="numeric">{number(each.value(day))}</strong>
        </p>
      ))}
      {!day.settled && <p className="muted small">{t('analytics.counting')}</p>}
    </div>
  );
}
