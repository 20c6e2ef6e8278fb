import { useFormat } from '../i18n/useFormat';
import type { Bucket } from './buckets';
import type { Panel } from './panels';
import { useChartText } from './useChartText';

interface OneDayBarsProps {
  bucket: Bucket | undefined;
  panels: readonly Panel[];
  before: Bucket | undefined;
}

/** One day has no lines to draw: its figures side by side, each with that of the day compared with. */
export function OneDayBars({ bucket, panels, before }: OneDayBarsProps) {
  const { t } = useFormat();
  const text = useChartText();
  if (!bucket) return null;
  return (
    <>
      <p className="muted">
        {text.title(bucket)}
        {before && ` · ${t('figure.before', { value: text.title(before) })}`}
        {!bucket.settled && ` · ${t('analytics.counting')}`}
      </p>
      <dl className="bars">
        {panels.flatMap((panel) => {
          // Amounts of another currency have a scale of their own.
          const scaled = panels.filter(({ currency }) => currency === panel.currency).flatMap(({ lines }) => lines);
          const greatest = Math.max(
            ...scaled.flatMap(({ value }) => [bucket, before ?? bucket].map((each) => value(each.figures))),
            1,
          );
          return panel.lines.map((line) => (
            <div key={panel.id + line.id} className={`bar-row ${line.id}`}>
              <dt>{t(line.label)}</dt>
              <Bar share={line.value(bucket.figures) / greatest} text={text.value(line, panel, bucket)} />
              {before && (
                <Bar share={line.value(before.figures) / greatest} text={text.value(line, panel, before)} thin />
              )}
            </div>
          ));
        })}
      </dl>
    </>
  );
}

function Bar({ share, text, thin = false }: { share: number; text: string; thin?: boolean }) {
  return (
    <dd className={thin ? 'bar-before' : undefined}>
      <span className="bar" aria-hidden="true" style={{ width: `${share * 100}%` }} />
      <span className="numeric">{text}</span>
    </dd>
  );
}
