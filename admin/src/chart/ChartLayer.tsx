import { memo, useId } from 'react';
import { useFormat } from '../i18n/useFormat';
import type { Bucket } from './buckets';
import { markedPoints, type ChangeMark } from './changes';
import { AXIS_HEIGHT, type ChartGeometry, type PanelGeometry } from './chartScales';
import { useChartText } from './useChartText';

/** With less room than this for a point, points would crowd the lines. */
const POINT_STEP = 16;

interface ChartLayerProps {
  geometry: ChartGeometry;
  buckets: readonly Bucket[];
  marks: readonly ChangeMark[];
}

/** What stands still while the pointer moves: scales, lines, marks. */
export const ChartLayer = memo(function ChartLayer({ geometry, buckets, marks }: ChartLayerProps) {
  const text = useChartText();
  const { width, left, right, x, labelled, panels } = geometry;
  const pattern = useId();
  // A hatch tells a part of the range from the rest: over the whole of it, it would only be noise.
  const first = buckets.findIndex((bucket) => !bucket.settled);
  const hatched = first > 0 ? Math.max(left, x(first) - geometry.step / 2) : undefined;
  const marked = markedPoints(buckets, marks);
  return (
    <>
      {panels.map((panel, place) => (
        <svg key={panel.panel.id} width={width} height={panel.height} aria-hidden="true">
          {hatched !== undefined && (
            <>
              <defs>
                <pattern id={pattern} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                  <line x1="0" x2="0" y1="0" y2="6" className="counting-stripe" />
                </pattern>
              </defs>
              <rect
                x={hatched}
                y={panel.top}
                width={Math.max(0, right - hatched)}
                height={panel.bottom - panel.top}
                fill={`url(#${pattern})`}
              />
            </>
          )}
          <Ticks panel={panel} left={left} right={right} />
          {place === 0 &&
            marked.map((index) => (
              <g key={index} className="change-mark">
                <line x1={x(index)} x2={x(index)} y1={panel.top} y2={panel.bottom} />
                <path d={`M${x(index) - 5} ${panel.top - 9}h10l-5 8z`} />
              </g>
            ))}
          <Lines panel={panel} geometry={geometry} buckets={buckets} />
        </svg>
      ))}
      <svg width={width} height={AXIS_HEIGHT} aria-hidden="true">
        {labelled.map((index) => (
          <text key={index} x={x(index)} y={AXIS_HEIGHT - 10} className="axis-label" textAnchor="middle">
            {buckets[index] && text.tick(buckets[index])}
          </text>
        ))}
      </svg>
    </>
  );
});

function Ticks({ panel: { panel, ticks, y }, left, right }: { panel: PanelGeometry; left: number; right: number }) {
  const { compact, compactMoney } = useFormat();
  const { currency } = panel;
  return ticks.map((tick) => (
    <g key={tick}>
      <line x1={left} x2={right} y1={y(tick)} y2={y(tick)} className="grid-line" />
      <text x={left - 10} y={y(tick)} dy="0.32em" textAnchor="end" className="axis-label">
        {currency ? compactMoney(tick, currency) : compact(tick)}
      </text>
    </g>
  ));
}

function Lines({
  panel,
  geometry,
  buckets,
}: {
  panel: PanelGeometry;
  geometry: ChartGeometry;
  buckets: readonly Bucket[];
}) {
  const { x, step } = geometry;
  return panel.lines.map(({ line, path, openPath, beforePath }) => (
    <g key={line.id} className={`series ${line.id}`}>
      {beforePath && <path d={beforePath} className="before-line" />}
      <path d={path} className="series-line" strokeDasharray={line.dash} />
      {openPath && <path d={openPath} className="series-line open" strokeDasharray="3 4" />}
      {step >= POINT_STEP &&
        buckets.map((bucket, index) => (
          <circle
            key={bucket.from}
            cx={x(index)}
            cy={panel.y(line.value(bucket.figures))}
            r={3}
            className="series-point"
          />
        ))}
    </g>
  ));
}
