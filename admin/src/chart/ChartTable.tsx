import { useFormat } from '../i18n/useFormat';
import type { Bucket } from './buckets';
import { lineName } from './chartCsv';
import { isComparable, type Panel } from './panels';
import { useChartText } from './useChartText';

interface ChartTableProps {
  buckets: readonly Bucket[];
  panels: readonly Panel[];
  before: readonly (Bucket | undefined)[] | undefined;
  /** Whether opt-outs, which no line shows, have a column. */
  optOuts: boolean;
}

/** The chart's points as a table. */
export function ChartTable({ buckets, panels, before, optOuts }: ChartTableProps) {
  const { t, number } = useFormat();
  const text = useChartText();
  const columns = panels.flatMap((panel) => panel.lines.map((line) => ({ panel, line })));
  const compared = before ? columns.filter(({ panel }) => isComparable(panel)) : [];
  const name = ({ panel, line }: (typeof columns)[number]): string => lineName(t, line, panel);
  return (
    <div className="table-scroll daily-table" tabIndex={0} role="region" aria-labelledby="chart-title">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('chart.day')}</th>
            {columns.map((column) => (
              <th key={column.panel.id + column.line.id} scope="col" className="end">
                {name(column)}
              </th>
            ))}
            {compared.map((column) => (
              <th key={column.panel.id} scope="col" className="end">
                {t('chart.beforeColumn', { figure: name(column) })}
              </th>
            ))}
            {optOuts && (
              <th scope="col" className="end">
                {t('chart.optOuts')}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {buckets.map((bucket, index) => {
            const earlier = before?.[index];
            return (
              <tr key={bucket.from}>
                <th scope="row">
                  {text.title(bucket)}
                  {!bucket.settled && <span className="muted small counting-day">{t('analytics.counting')}</span>}
                </th>
                {columns.map(({ panel, line }) => (
                  <td key={panel.id + line.id} className="end numeric">
                    {text.value(line, panel, bucket)}
                  </td>
                ))}
                {compared.map(({ panel, line }) => (
                  <td key={panel.id} className="end numeric">
                    {earlier ? text.value(line, panel, earlier) : '–'}
                  </td>
                ))}
                {optOuts && <td className="end numeric">{number(bucket.figures.optOuts)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
