import { useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { DayFigures } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { useWidth } from '../ui/useWidth';
import { CHART_HEIGHT, chartGeometry, type ChartGeometry } from './chartScales';
import { ChartTooltip } from './ChartTooltip';
import type { Series } from './series';

/** With less room than this for a day, points would crowd the lines. */
const POINT_STEP = 16;

interface DailyChartProps {
  days: DayFigures[];
  series: readonly Series[];
}

/** Lines by day. To assistive technology and the keyboard it is a slider over the days. */
export function DailyChart({ days, series }: DailyChartProps) {
  const { t, number, compact, day: formatDay, longDay } = useFormat();
  const [box, width] = useWidth<HTMLDivElement>();
  const [active, setActive] = useState<number>();
  const geometry = chartGeometry(days, series, width);
  const index = Math.min(active ?? days.length - 1, days.length - 1);
  const current = days[index];
  const firstCounting = days.findIndex((day) => !day.settled);

  const describe = (day: DayFigures): string => {
    const point = t('chart.point', {
      day: longDay(day.day),
      delivered: number(day.delivered),
      read: number(day.read),
      clicks: number(day.totalClicks),
      conversions: number(day.conversions.total),
    });
    return day.settled ? point : t('chart.pointCounting', { point });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const last = days.length - 1;
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
      aria-valuemax={days.length}
      aria-valuenow={index + 1}
      aria-valuetext={current ? describe(current) : ''}
      onKeyDown={onKeyDown}
      onFocus={() => setActive(active ?? days.length - 1)}
      onBlur={() => setActive(undefined)}
      onPointerMove={onPointerMove}
      onPointerLeave={() => setActive(undefined)}
    >
      <svg width={width} height={CHART_HEIGHT} viewBox={`0 0 ${width} ${CHART_HEIGHT}`} aria-hidden="true">
        <defs>
          <pattern id="counting" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="0" x2="0" y1="0" y2="6" className="counting-stripe" />
          </pattern>
        </defs>
        {geometry.ticks.map((tick) => (
          <g key={tick}>
            <line
              x1={geometry.left}
              x2={geometry.right}
              y1={geometry.y(tick)}
              y2={geometry.y(tick)}
              className="grid-line"
            />
            <text x={geometry.left - 10} y={geometry.y(tick)} dy="0.32em" textAnchor="end" className="axis-label">
              {compact(tick)}
            </text>
          </g>
        ))}
        {firstCounting >= 0 && <CountingArea days={days} first={firstCounting} geometry={geometry} />}
        {geometry.labelled.map((day) => (
          <text key={day} x={geometry.x(day)} y={CHART_HEIGHT - 8} className="axis-label" textAnchor="middle">
            {formatDay(day)}
          </text>
        ))}
        {active !== undefined && current && (
          <line
            x1={geometry.x(current.day)}
            x2={geometry.x(current.day)}
            y1={geometry.top}
            y2={geometry.bottom}
            className="cursor-line"
          />
        )}
        {series.map((each) => (
          <g key={each.id} className={`series ${each.id}`}>
            <path d={geometry.path(each)} className="series-line" strokeDasharray={each.dash} />
            {(geometry.step >= POINT_STEP ? days : active !== undefined && current ? [current] : []).map((day) => (
              <circle
                key={day.day}
                cx={geometry.x(day.day)}
                cy={geometry.y(each.value(day))}
                r={active !== undefined && day === current ? 5 : 3}
                className="series-point"
              />
            ))}
          </g>
        ))}
      </svg>
      {active !== undefined && current && (
        <ChartTooltip day={current} series={series} x={geometry.x(current.day)} width={width} />
      )}
    </div>
  );
}

/** The days whose figures still grow, hatched. */
function CountingArea({ days, first, geometry }: { days: DayFigures[]; first: number; geometry: ChartGeometry }) {
  const day = days[first];
  if (!day) return null;
  const start = Math.max(geometry.left, geometry.x(day.day) - (days.length > 1 ? geometry.step / 2 : 0));
  return (
    <rect
      x={start}
      y={geometry.top}
      width={Math.max(0, geometry.right - start)}
      height={geometry.bottom - geometry.top}
      fill="url(#counting)"
    />
  );
}
