import type { Format } from '../i18n/useFormat';
import { markedPoints, type ChangeMark } from './changes';
import { chartCsv, lineName, type Charted } from './chartCsv';
import { AXIS_HEIGHT, chartGeometry, type ChartGeometry, type PanelGeometry } from './chartScales';
import { chartText } from './useChartText';

/** The picture's size in CSS pixels; it has twice as many of its own, for screens and print alike. */
const WIDTH = 1200;
const SCALE = 2;
const HEAD = 76;
const FONT = "'Inter Variable', system-ui, sans-serif";

/** What the picture says beside the lines. */
interface Told {
  title: string;
  /** The days of the thin line. */
  before: string | undefined;
  marks: readonly ChangeMark[];
}

/** Saves what the chart shows as a file: the points as a table, or the picture. */
export async function saveChart(
  kind: 'csv' | 'png',
  charted: Charted,
  { name, ...told }: Told & { name: string },
  format: Format,
): Promise<void> {
  const blob =
    kind === 'csv'
      ? new Blob([chartCsv(charted, format)], { type: 'text/csv;charset=utf-8' })
      : await picture(charted, told, format);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `whatsapp-${name}.${kind}`;
  link.click();
  // The download has begun by then; the file would stay in memory as long as the page.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A picture drawn line by line: the content security policy lets no image be made of our own markup. */
async function picture(charted: Charted, { title, before, marks }: Told, format: Format): Promise<Blob> {
  const geometry = chartGeometry(charted, WIDTH);
  const height = HEAD + geometry.panels.reduce((sum, panel) => sum + panel.height, AXIS_HEIGHT);
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH * SCALE;
  canvas.height = height * SCALE;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  const style = getComputedStyle(document.documentElement);
  const brush: Brush = { context, colour: (name) => style.getPropertyValue(`--${name}`).trim(), format };
  context.scale(SCALE, SCALE);
  context.fillStyle = brush.colour('bg-raised');
  context.fillRect(0, 0, WIDTH, height);
  write(brush, title, 24, 34, { font: `600 18px ${FONT}` });
  const marked = markedPoints(charted.buckets, marks);
  legend(brush, charted, before, marked.length > 0);
  let top = HEAD;
  for (const panel of geometry.panels) {
    context.save();
    context.translate(0, top);
    drawPanel(brush, panel, geometry, charted.buckets);
    if (top === HEAD) drawMarks(brush, panel, geometry, marked);
    context.restore();
    top += panel.height;
  }
  const text = chartText(format);
  for (const index of geometry.labelled) {
    const bucket = charted.buckets[index];
    if (bucket) write(brush, text.tick(bucket), geometry.x(index), top + 18, { align: 'center', colour: 'text-muted' });
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
  );
}

interface Brush {
  context: CanvasRenderingContext2D;
  /** The colour of a token of the page's. */
  colour: (name: string) => string;
  format: Format;
}

interface Lettering {
  font?: string;
  align?: CanvasTextAlign;
  colour?: string;
}

function write({ context, colour }: Brush, text: string, x: number, y: number, lettering: Lettering = {}): void {
  context.font = lettering.font ?? `12px ${FONT}`;
  context.textAlign = lettering.align ?? 'left';
  context.fillStyle = colour(lettering.colour ?? 'text');
  context.fillText(text, x, y);
}

const dashes = (dash: string): number[] => (dash ? dash.split(' ').map(Number) : []);

const seriesColour = (id: string): string => (id === 'asked' ? 'series-delivered' : `series-${id}`);

function stroke({ context, colour }: Brush, path: Path2D, name: string, width: number, dash = ''): void {
  context.strokeStyle = colour(name);
  context.lineWidth = width;
  context.setLineDash(dashes(dash));
  context.stroke(path);
  context.setLineDash([]);
}

function legend(brush: Brush, { panels }: Charted, before: string | undefined, isMarked: boolean): void {
  let x = 24;
  const entry = (text: string, draw: () => void): void => {
    draw();
    write(brush, text, x + 32, 62);
    x += 56 + brush.context.measureText(text).width;
  };
  for (const panel of panels) {
    for (const line of panel.lines) {
      entry(lineName(brush.format.t, line, panel), () =>
        stroke(brush, new Path2D(`M${x} 58h24`), seriesColour(line.id), 2, line.dash),
      );
    }
  }
  if (before) entry(before, () => stroke(brush, new Path2D(`M${x} 58h24`), 'text-muted', 1));
  if (isMarked) entry(brush.format.t('chart.changed'), () => triangle(brush, x + 12, 54));
}

/** The mark of a changed campaign, its point down. */
function triangle({ context, colour }: Brush, x: number, top: number): void {
  context.fillStyle = colour('text-muted');
  context.fill(new Path2D(`M${x - 5} ${top}h10l-5 8z`));
}

function drawMarks(
  brush: Brush,
  { top, bottom }: PanelGeometry,
  { x }: ChartGeometry,
  marked: readonly number[],
): void {
  for (const index of marked) {
    stroke(brush, new Path2D(`M${x(index)} ${top}V${bottom}`), 'text-muted', 1, '2 3');
    triangle(brush, x(index), top - 9);
  }
}

function drawPanel(
  brush: Brush,
  { panel, ticks, y, lines }: PanelGeometry,
  { left, right, x }: ChartGeometry,
  buckets: Charted['buckets'],
): void {
  const { compact, compactMoney } = brush.format;
  for (const tick of ticks) {
    stroke(brush, new Path2D(`M${left} ${y(tick)}H${right}`), 'border', 1);
    const text = panel.currency ? compactMoney(tick, panel.currency) : compact(tick);
    write(brush, text, left - 10, y(tick) + 4, { align: 'right', colour: 'text-muted' });
  }
  for (const { line, path, openPath, beforePath } of lines) {
    if (beforePath) stroke(brush, new Path2D(beforePath), 'text-muted', 1);
    stroke(brush, new Path2D(path), seriesColour(line.id), 2, line.dash);
    if (openPath) stroke(brush, new Path2D(openPath), seriesColour(line.id), 2, '3 4');
    // A single day has no line: its point alone shows it.
    for (const [index, { figures }] of buckets.entries()) {
      brush.context.fillStyle = brush.colour(seriesColour(line.id));
      brush.context.beginPath();
      brush.context.arc(x(index), y(line.value(figures)), buckets.length === 1 ? 4 : 2.5, 0, 2 * Math.PI);
      brush.context.fill();
    }
  }
}
