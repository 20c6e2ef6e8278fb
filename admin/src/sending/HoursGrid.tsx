import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { DAYS, everyDayLike, HOURS_OF_DAY, pressed, spanOf, withSpan, type Hours, type Weekday } from './hours';

interface HoursGridProps {
  hours: Hours;
  onChange: (hours: Hours) => void;
  isReadOnly: boolean;
  error?: string | undefined;
}

interface Place {
  day: number;
  hour: number;
}

/** What Tab comes to first: where a Monday usually opens. */
const FIRST_PLACE: Place = { day: 0, hour: 9 };

const HOURS = Array.from({ length: HOURS_OF_DAY }, (_, hour) => hour);
/** The column heads that are written: all of them would not fit. */
const HEADS = new Set([0, 6, 12, 18]);

const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, value));

/** Where a key leads from a place; none where it leads nowhere. */
function moved({ day, hour }: Place, { key, ctrlKey }: KeyboardEvent): Place | undefined {
  const last = { day: DAYS.length - 1, hour: HOURS_OF_DAY - 1 };
  switch (key) {
    case 'ArrowLeft':
      return { day, hour: clamp(hour - 1, last.hour) };
    case 'ArrowRight':
      return { day, hour: clamp(hour + 1, last.hour) };
    case 'ArrowUp':
      return { day: clamp(day - 1, last.day), hour };
    case 'ArrowDown':
      return { day: clamp(day + 1, last.day), hour };
    case 'Home':
      return { day: ctrlKey ? 0 : day, hour: 0 };
    case 'End':
      return { day: ctrlKey ? last.day : day, hour: last.hour };
    default:
      return undefined;
  }
}

/** The hours of a week at which messages may go out: a grid that arrow keys walk and the space bar changes. */
export function HoursGrid({ hours, onChange, isReadOnly, error }: HoursGridProps) {
  const { t } = useFormat();
  const grid = useRef<HTMLTableElement>(null);
  const labelId = useId();
  const [place, setPlace] = useState<Place>(FIRST_PLACE);
  const [said, setSaid] = useState('');
  const textOf = (day: Weekday, of: Hours): string => {
    const window = of[day];
    const name = t(`sending.day.${day}`);
    return window
      ? t('sending.dayOpen', { day: name, from: window[0] ?? '', to: window[1] ?? '' })
      : t('sending.dayClosed', { day: name });
  };
  const change = (day: Weekday, next: Hours): void => {
    onChange(next);
    setSaid(textOf(day, next));
  };
  const press = (day: Weekday, hour: number): void => {
    if (!isReadOnly) change(day, withSpan(hours, day, pressed(spanOf(hours, day), hour)));
  };
  const onKeyDown = (event: KeyboardEvent, at: Place): void => {
    const to = moved(at, event);
    if (to) {
      event.preventDefault();
      setPlace(to);
      grid.current?.querySelector<HTMLElement>(`[data-place="${to.day}-${to.hour}"]`)?.focus();
    } else if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      press(DAYS[at.day] ?? 'mon', at.hour);
    }
  };
  useEffect(() => {
    // On a phone not all hours fit: those of the day come first.
    const cell = grid.current?.querySelector<HTMLElement>(`[data-place="0-${FIRST_PLACE.hour}"]`);
    const head = grid.current?.querySelector('tbody th');
    const frame = grid.current?.parentElement;
    if (cell && head && frame) frame.scrollLeft = cell.offsetLeft - head.clientWidth;
  }, []);
  const chosen = DAYS[place.day] ?? 'mon';
  return (
    <div className="field">
      <span id={labelId} className="react-aria-Label">
        {t('sending.hours')}
      </span>
      <div className="hours-scroll">
        <table
          ref={grid}
          // eslint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- a grid's cells are chosen
          role="grid"
          className="hours"
          aria-labelledby={labelId}
          aria-readonly={isReadOnly}
          aria-describedby={error ? `${labelId}-error` : `${labelId}-hint`}
        >
          <thead>
            <tr role="row">
              <td />
              {HOURS.map((hour) => (
                <th key={hour} role="columnheader" scope="col">
                  {HEADS.has(hour) ? hour : <span className="visually-hidden">{hour}</span>}
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {DAYS.map((day, dayAt) => {
              const span = spanOf(hours, day);
              const name = t(`sending.day.${day}`);
              return (
                <tr key={day} role="row">
                  <th role="rowheader" scope="row">
                    {name}
                  </th>
                  {HOURS.map((hour) => {
                    const isOpen = span !== undefined && hour >= span.from && hour < span.to;
                    const at = { day: dayAt, hour };
                    return (
                      <td
                        key={hour}
                        role="gridcell"
                        data-place={`${dayAt}-${hour}`}
                        aria-selected={isOpen}
                        aria-label={t('sending.hourOf', { day: name, hour })}
                        tabIndex={place.day === dayAt && place.hour === hour ? 0 : -1}
                        className={isOpen ? 'hour open' : 'hour'}
                        onFocus={() => setPlace(at)}
                        onClick={() => press(day, hour)}
                        onKeyDown={(event) => onKeyDown(event, at)}
                      />
                    );
                  })}
                  <td className="hours-text">{hours[day]?.join('–') ?? t('sending.closed')}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p id={`${labelId}-hint`} className="muted small">
        {t('sending.hoursHint')}
      </p>
      {error && (
        <p id={`${labelId}-error`} className="field-error">
          {error}
        </p>
      )}
      <p className="visually-hidden" aria-live="polite">
        {said}
      </p>
      {!isReadOnly && (
        <div className="hours-actions">
          <Button kind="plain" onPress={() => change(chosen, everyDayLike(hours, chosen))}>
            {t('sending.everyDay', { day: t(`sending.day.${chosen}`) })}
          </Button>
          <Button kind="plain" onPress={() => change(chosen, withSpan(hours, chosen, undefined))}>
            {t('sending.closeDay', { day: t(`sending.day.${chosen}`) })}
          </Button>
        </div>
      )}
    </div>
  );
}
