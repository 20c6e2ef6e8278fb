import { scaleLinear, scalePoint } from 'd3-scale';
import { line } from 'd3-shape';
import type { Bucket } from './buckets';
import { isComparable, type Line, type Panel } from './panels';

export const HIGH = 236;
export const LOW = 132;
/** Below the last panel, for the names of the days. */
export const AXIS_HEIGHT = 28;
/** On the right, room for half of the last day's label. */
const MARGIN = { top: 12, right: 36, bottom: 8, left: 68 };
/** Room that a label of a day needs. */
const LABEL_WIDTH = 84;

/** Where things are in one panel. */
export interface PanelGeometry {
  panel: Panel;
  top: number;
  bottom: number;
  height: number;
  y: (value: number) => number;
  ticks: number[];
  lines: LineGeometry[];
}

export interface LineGeometry {
  line: Line;
  /** What is over, and the step to what isn't: it is dashed. */
  path: string;
  openPath: string;
  /** The line of the days compared with; empty without such. */
  beforePath: string;
}

export interface ChartGeometry {
  left: number;
  right: number;
  width: number;
  x: (index: number) => number;
  /** The distance between two points. */
  step: number;
  /** The points that get a label: evenly spaced, never so close that labels touch. */
  labelled: number[];
  panels: PanelGeometry[];
  /** The point nearest to a horizontal position. */
  nearest: (position: number) => number;
}

interface Charted {
  buckets: readonly Bucket[];
  panels: readonly Panel[];
  /** The days compared with, point by point. */
  before: readonly (Bucket | undefined)[] | undefined;
}

export function chartGeometry({ buckets, panels, before }: Charted, width: number): ChartGeometry {
  const left = MARGIN.left;
  const right = Math.max(width - MARGIN.right, left + 1);
  const points = scalePoint(
    buckets.map((_, index) => index),
    [left, right],
  );
  const x = (index: number): number => points(index) ?? left;
  const step = buckets.length > 1 ? points.step() : right - left;
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / step));
  const last = buckets.length - 1;
  const draw = (values: readonly (readonly [number, number])[], y: (value: number) => number): string =>
    line<readonly [number, number]>()
      .x(([index]) => x(index))
      .y(([, value]) => y(value))(values as [number, number][]) ?? '';

  const panelGeometry = (panel: Panel): PanelGeometry => {
    const height = panel.high ? HIGH : LOW;
    const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
    const earlier = isComparable(panel) ? (before ?? []) : [];
    const shown = [...buckets, ...earlier.flatMap((each) => each ?? [])];
    const greatest = Math.max(...panel.lines.flatMap(({ value }) => shown.map(({ figures }) => value(figures))), 1);
    const steps = panel.high ? 4 : 2;
    const y = scaleLinear([0, greatest], [bottom, top]).nice(steps);
    const ticks = y.ticks(steps);
    return {
      panel,
      top,
      bottom,
      height,
      y: (value) => y(value),
      ticks: panel.currency ? ticks : ticks.filter((tick) => Number.isInteger(tick)),
      lines: panel.lines.map((each) => {
        const values = buckets.map(({ figures }, index) => [index, each.value(figures)] as const);
        const isOpen = buckets.at(-1)?.open === true && last > 0;
        return {
          line: each,
          path: draw(isOpen ? values.slice(0, -1) : values, y),
          openPath: isOpen ? draw(values.slice(-2), y) : '',
          beforePath: draw(
            earlier.flatMap((bucket, index) => (bucket ? [[index, each.value(bucket.figures)] as const] : [])),
            y,
          ),
        };
      }),
    };
  };

  return {
    left,
    right,
    width,
    x,
    step,
    labelled: buckets.map((_, index) => index).filter((index) => (last - index) % every === 0),
    panels: panels.map(panelGeometry),
    nearest: (position) => (last > 0 ? Math.min(last, Math.max(0, Math.round((position - left) / step))) : 0),
  };
}
