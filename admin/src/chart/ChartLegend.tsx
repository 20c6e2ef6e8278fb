import { Button as AriaButton } from 'react-aria-components/Button';
import { useFormat } from '../i18n/useFormat';
import { UnripeMark } from '../overview/UnripeMark';
import type { DayRange } from '../period/days';
import { lineName } from './chartCsv';
import type { Line, Panel } from './panels';

interface ChartLegendProps {
  panels: readonly Panel[];
  hidden: ReadonlySet<Line['id']>;
  onToggle: (id: Line['id']) => void;
  /** The days of the thin line, and whether they have had more time than those shown. */
  before: DayRange | undefined;
  unripe: boolean;
  /** Whether a part is hatched, the end is dashed, and changes are marked. */
  hatched: boolean;
  open: boolean;
  marked: boolean;
}

/** What lines, hatch, dashes and marks mean. Of several lines in one panel each can be hidden. */
export function ChartLegend({ panels, hidden, onToggle, before, unripe, hatched, open, marked }: ChartLegendProps) {
  const { t, range } = useFormat();
  return (
    <div className="legend" role="group" aria-label={t('chart.series')}>
      {panels.map((panel) =>
        panel.lines.map((line) => {
          const swatch = <LineSwatch className="series-line" dash={line.dash} />;
          const name = lineName(t, line, panel);
          return panel.lines.length > 1 ? (
            <AriaButton
              key={line.id}
              className={`legend-item ${line.id}`}
              aria-pressed={!hidden.has(line.id)}
              onPress={() => onToggle(line.id)}
            >
              {swatch}
              {name}
            </AriaButton>
          ) : (
            <span key={panel.id} className={`legend-item ${line.id}`}>
              {swatch}
              {name}
            </span>
          );
        }),
      )}
      {before && (
        <span className="legend-item muted">
          <LineSwatch className="before-line" />
          {range(before)}
          {unripe && <UnripeMark />}
        </span>
      )}
      <span className="legend-rest">
        {open && (
          <span className="legend-note">
            <LineSwatch className="series-line open" dash="3 4" />
            {t('chart.open')}
          </span>
        )}
        {hatched && (
          <span className="legend-note">
            <span className="swatch-counting" aria-hidden="true" />
            {t('chart.counting')}
          </span>
        )}
        {marked && (
          <span className="legend-note">
            <svg width="12" height="10" viewBox="0 0 12 10" className="change-mark" aria-hidden="true">
              <path d="M1 1h10L6 9z" />
            </svg>
            {t('chart.changed')}
          </span>
        )}
      </span>
    </div>
  );
}

function LineSwatch({ className, dash = '' }: { className: string; dash?: string }) {
  return (
    <svg width="24" height="10" viewBox="0 0 24 10" aria-hidden="true">
      <line x1="1" x2="23" y1="5" y2="5" className={className} strokeDasharray={dash} />
    </svg>
  );
}
