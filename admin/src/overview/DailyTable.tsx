import type { DayFigures } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { SERIES } from './series';

/** The chart's days as a table. */
export function DailyTable({ days }: { days: DayFigures[] }) {
  const { t, number, longDay } = useFormat();
  return (
    <div className="table-scroll daily-table" tabIndex={0} role="region" aria-label={t('chart.title')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('chart.day')}</th>
            {SERIES.map((series) => (
              <th key={series.id} scope="col" className="end">
                {t(series.label)}
              </th>
            ))}
            <th scope="col" className="end">
              {t('chart.optOuts')}
            </th>
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <tr key={day.day}>
              <th scope="row">
                {longDay(day.day)}
                {!day.settled && <span className="muted small counting-day">{t('analytics.counting')}</span>}
              </th>
              {SERIES.map((series) => (
                <td key={series.id} className="end numeric">
                  {number(series.value(day))}
                </td>
              ))}
              <td className="end numeric">{number(day.optOuts)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
