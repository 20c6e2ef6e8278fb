import type { Sending } from './types';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof DAYS)[number];
export type Hours = Sending['hours'];
/** The hours of a day that are open, from the first to just before the last. */
export interface Span {
  from: number;
  to: number;
}

export const HOURS_OF_DAY = 24;

const two = (hour: number): string => String(hour).padStart(2, '0');
const hourOf = (time: string | undefined, up: boolean): number => {
  const [hour = '0', minute = '0'] = (time ?? '').split(':');
  return Number(hour) + (up && minute !== '00' ? 1 : 0);
};

/** The hours of a day that a window touches; none of a closed day. */
export function spanOf(hours: Hours, day: Weekday): Span | undefined {
  const window = hours[day];
  return window ? { from: hourOf(window[0], false), to: hourOf(window[1], true) } : undefined;
}

export function withSpan(hours: Hours, day: Weekday, span: Span | undefined): Hours {
  if (span && span.from < span.to) return { ...hours, [day]: [`${two(span.from)}:00`, `${two(span.to)}:00`] };
  return Object.fromEntries(Object.entries(hours).filter(([other]) => other !== day));
}

/**
 * The hours of a day after one of them was pressed. Beside what is open it opens up to there; the first or the last open
 * hour closes; one in between becomes the last.
 */
export function pressed(span: Span | undefined, hour: number): Span | undefined {
  if (!span) return { from: hour, to: hour + 1 };
  if (hour < span.from) return { from: hour, to: span.to };
  if (hour >= span.to) return { from: span.from, to: hour + 1 };
  if (hour === span.from) return span.to - span.from > 1 ? { from: hour + 1, to: span.to } : undefined;
  return { from: span.from, to: hour === span.to - 1 ? hour : hour + 1 };
}

/** The same hours as of one day on all days. */
export function everyDayLike(hours: Hours, day: Weekday): Hours {
  const window = hours[day];
  return window ? Object.fromEntries(DAYS.map((each) => [each, window])) : {};
}

export const isOpenOnce = (hours: Hours): boolean => DAYS.some((day) => hours[day]);
