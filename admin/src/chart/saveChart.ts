import type { Format } from '../i18n/useFormat';
import { chartCsv, lineName, type Charted } from './chartCsv';
import { AXIS_HEIGHT, chartGeometry, type ChartGeometry, type PanelGeometry } from './chartScales';
import { chartText } from './useChartText';

/** The picture's size in CSS pixels; it has twice as many of its own, for screens and print alike. */
const WIDTH = 1200;
const SCALE = 2;
const HEAD = 76;
const FONT = "'Inter Variable', system-ui, sans-serif";

/** Saves what the chart shows as a file: the points as a table, or the picture. */
export async function saveChart(
  kind: 'csv' | 'png',
  charted: Charted,
  { title, name }: { title: string; name: string },
  format: Format,
): Promise<void> {
  const blob =
    kind === 'csv'
      ? new Blob([chartCsv(charted, format)], { type: 'text/csv;charset=utf-8' })
      : await picture(charted, title, format);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `whatsapp-${name}.${kind}`;
  link.click();
  // The download has begun by then; the file would stay in memory as long as the page.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A picture drawn line by line: the content security policy lets no image be made of our own markup. */
async function picture(charted: Charted, title: string, format: Format): Promise<Blob> {
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
  legend(brush, charted);
  let top = HEAD;
  for (const panel of geometry.panels) {
    context.save();
    context.translate(0, top);
    drawPanel(brush, panel, geometry);
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

function legend(brush: Brush, { panels }: Charted): void {
  let x = 24;
  for (const panel of panels) {
    for (const line of panel.lines) {
      stroke(brush, new Path2D(`M${x} 58h24`), seriesColour(line.id), 2, line.dash);
      const name = lineName(brush.format.t, line, panel);
      write(brush, name, x + 32, 62);
      x += 56 + brush.context.measureText(name).width;
    }
  }
}

function drawPanel(brush: Brush, { panel, ticks, y, lines }: PanelGeometry, { left, right }: ChartGeometry): void {
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
  }
}
