import { scaleLinear, scalePoint } from 'd3-scale';
import { line } from 'd3-shape';
import type { DayFigures } from '../api/types';
import type { Day } from '../period/days';
import type { Series } from './series';

export const CHART_HEIGHT = 280;
/** On the right, room for half of the last day's label. */
const MARGIN = { top: 12, right: 36, bottom: 32, left: 52 };
/** Room that a label of a day needs. */
const LABEL_WIDTH = 84;

export interface ChartGeometry {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: (day: Day) => number;
  y: (value: number) => number;
  ticks: number[];
  /** The days that get a label: evenly spaced, never so close that labels touch. */
  labelled: Day[];
  /** The distance between two days. */
  step: number;
  path: (series: Series) => string;
  /** The day nearest to a horizontal position. */
  nearest: (position: number) => number;
}

export function chartGeometry(days: readonly DayFigures[], series: readonly Series[], width: number): ChartGeometry {
  const left = MARGIN.left;
  const right = Math.max(width - MARGIN.right, left + 1);
  const top = MARGIN.top;
  const bottom = CHART_HEIGHT - MARGIN.bottom;
  const names = days.map((day) => day.day);
  const points = scalePoint(names, [left, right]);
  const x = (day: Day): number => points(day) ?? left;
  const greatest = Math.max(...days.flatMap((day) => series.map((each) => each.value(day))), 1);
  const y = scaleLinear([0, greatest], [bottom, top]).nice(4);
  const step = names.length > 1 ? points.step() : right - left;
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / step));
  return {
    left,
    right,
    top,
    bottom,
    x,
    y: (value) => y(value),
    ticks: y.ticks(4).filter((tick) => Number.isInteger(tick)),
    labelled: names.filter((_, index) => (names.length - 1 - index) % every === 0),
    step,
    path: (each) =>
      line<DayFigures>()
        .x((day) => x(day.day))
        .y((day) => y(each.value(day)))(days as DayFigures[]) ?? '',
    nearest: (position) =>
      names.length > 1 ? Math.min(names.length - 1, Math.max(0, Math.round((position - left) / step))) : 0,
  };
}
