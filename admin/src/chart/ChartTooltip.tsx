import { Fragment } from 'react';
import { useFormat } from '../i18n/useFormat';
import type { Bucket } from './buckets';
import type { ChangeMark } from './changes';
import { isComparable, type Panel } from './panels';
import { useChartText } from './useChartText';

const WIDTH = 220;

interface ChartTooltipProps {
  bucket: Bucket;
  earlier: Bucket | undefined;
  panels: readonly Panel[];
  changes: readonly ChangeMark[];
  x: number;
  width: number;
}

/** The figures of the point under the pointer; the slider's text says the same to a screen reader. */
export function ChartTooltip({ bucket, earlier, panels, changes, x, width }: ChartTooltipProps) {
  const { t } = useFormat();
  const text = useChartText();
  const beside = x + 16 + WIDTH < width ? x + 16 : x - 16 - WIDTH;
  return (
    <div className="chart-tooltip" aria-hidden="true" style={{ left: Math.max(0, beside), width: WIDTH }}>
      <p className="chart-tooltip-day">{text.title(bucket)}</p>
      {panels.map((panel) =>
        panel.lines.map((line) => (
          <Fragment key={panel.id + line.id}>
            <p className={`chart-tooltip-row ${line.id}`}>
              <svg width="16" height="8" viewBox="0 0 16 8">
                <line x1="0" x2="16" y1="4" y2="4" className="series-line" strokeDasharray={line.dash} />
              </svg>
              <span>{t(line.label)}</span>
              <strong className="numeric">{text.value(line, panel, bucket)}</strong>
            </p>
            {earlier && isComparable(panel) && (
              <p className="chart-tooltip-row muted">
                <svg width="16" height="8" viewBox="0 0 16 8">
                  <line x1="0" x2="16" y1="4" y2="4" className="before-line" />
                </svg>
                <span>{text.title(earlier)}</span>
                <span className="numeric">{text.value(line, panel, earlier)}</span>
              </p>
            )}
          </Fragment>
        )),
      )}
      {text.changes(changes).map((told, index) => (
        <p key={index} className="small">
          {told}
        </p>
      ))}
      {!bucket.settled && <p className="muted small">{t('analytics.counting')}</p>}
    </div>
  );
}
