import { memo, useMemo, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { useFormat } from '../i18n/useFormat';
import { useWidth } from '../ui/useWidth';
import type { Bucket } from './buckets';
import type { ChangeMark } from './changes';
import { AXIS_HEIGHT, chartGeometry, type ChartGeometry } from './chartScales';
import { ChartLayer } from './ChartLayer';
import { ChartTooltip } from './ChartTooltip';
import type { Panel } from './panels';
import { useChartText } from './useChartText';

interface TrendChartProps {
  buckets: readonly Bucket[];
  panels: readonly Panel[];
  /** The days compared with, point by point. */
  before: readonly (Bucket | undefined)[] | undefined;
  marks: readonly ChangeMark[];
}

/** Lines over the days, weeks or months. To assistive technology and the keyboard it is one slider over all panels. */
export const TrendChart = memo(function TrendChart({ buckets, panels, before, marks }: TrendChartProps) {
  const { t } = useFormat();
  const text = useChartText();
  const [box, width] = useWidth<HTMLDivElement>();
  const [active, setActive] = useState<number>();
  const geometry = useMemo(() => chartGeometry({ buckets, panels, before }, width), [buckets, panels, before, width]);
  const last = buckets.length - 1;
  const index = Math.min(active ?? last, last);
  const current = buckets[index];
  const earlier = before?.[index];
  const changes = current ? marks.filter(({ day }) => current.from <= day && day <= current.to) : [];

  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = {
      ArrowLeft: index - 1,
      ArrowDown: index - 1,
      ArrowRight: index + 1,
      ArrowUp: index + 1,
      PageUp: index + 7,
      PageDown: index - 7,
      Home: 0,
      End: last,
    };
    const next = steps[event.key];
    if (event.key === 'Escape') setActive(undefined);
    if (next === undefined) return;
    event.preventDefault();
    setActive(Math.min(last, Math.max(0, next)));
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const { left } = event.currentTarget.getBoundingClientRect();
    setActive(geometry.nearest(event.clientX - left));
  };

  return (
    <div
      ref={box}
      className="chart"
      role="slider"
      tabIndex={0}
      aria-label={t('chart.label')}
      aria-valuemin={1}
      aria-valuemax={buckets.length}
      aria-valuenow={index + 1}
      aria-valuetext={current ? text.describe(current, panels, earlier, changes) : ''}
      onKeyDown={onKeyDown}
      onFocus={() => setActive(active ?? last)}
      onBlur={() => setActive(undefined)}
      onPointerMove={onPointerMove}
      onPointerLeave={() => setActive(undefined)}
    >
      <ChartLayer geometry={geometry} buckets={buckets} marks={marks} />
      {active !== undefined && current && (
        <>
          <Cursor geometry={geometry} index={index} bucket={current} />
          <ChartTooltip
            bucket={current}
            earlier={earlier}
            panels={panels}
            changes={changes}
            x={geometry.x(index)}
            width={width}
          />
        </>
      )}
    </div>
  );
});

/** The point under the pointer, drawn over what stands: nothing below it moves. */
function Cursor({ geometry, index, bucket }: { geometry: ChartGeometry; index: number; bucket: Bucket }) {
  const x = geometry.x(index);
  const tops = geometry.panels.map((_, panel) =>
    geometry.panels.slice(0, panel).reduce((sum, each) => sum + each.height, 0),
  );
  const height = geometry.panels.reduce((sum, each) => sum + each.height, AXIS_HEIGHT);
  return (
    <svg className="chart-cursor" width={geometry.width} height={height} aria-hidden="true">
      {geometry.panels.map(({ panel, top, bottom, y, lines }, place) => (
        <g key={panel.id} transform={`translate(0 ${tops[place] ?? 0})`}>
          <line x1={x} x2={x} y1={top} y2={bottom} className="cursor-line" />
          {lines.map(({ line }) => (
            <circle
              key={line.id}
              cx={x}
              cy={y(line.value(bucket.figures))}
              r={5}
              className={`series-point ${line.id}`}
            />
          ))}
        </g>
      ))}
    </svg>
  );
}
