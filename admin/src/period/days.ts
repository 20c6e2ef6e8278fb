/** A store day, `YYYY-MM-DD`. */
export type Day = string;

/** Store days from the first to the last, both included. */
export interface DayRange {
  from: Day;
  to: Day;
}

/** The greatest number of days that the API answers for, and how far back a range may start. */
export const RANGE_DAYS = 366;

const DAY_MILLIS = 86_400_000;

/** Midnight UTC of a day: days are counted in UTC so that no clock change makes one longer. */
const utc = (day: Day): number => Date.parse(`${day}T00:00:00Z`);

export const addDays = (day: Day, count: number): Day =>
  new Date(utc(day) + count * DAY_MILLIS).toISOString().slice(0, 10);

/** A `Date` for formatters that are set to UTC. */
export const dayDate = (day: Day): Date => new Date(utc(day));

export const rangeDays = (range: DayRange): number => Math.round((utc(range.to) - utc(range.from)) / DAY_MILLIS) + 1;

export const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = utc(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

/** The store day of an instant. */
export function dayIn(timeZone: string, at: Date): Day {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(at);
}

const firstOfMonth = (day: Day): Day => `${day.slice(0, 7)}-01`;

export const PRESETS = ['today', 'yesterday', 'last7', 'last30', 'last90', 'thisMonth', 'lastMonth'] as const;
export type Preset = (typeof PRESETS)[number];
export const DEFAULT_PRESET: Preset = 'last7';

/** The length in days of the presets that are counted back from today. */
export const PRESET_DAYS: Partial<Record<Preset, number>> = { last7: 7, last30: 30, last90: 90 };

export function presetRange(preset: Preset, today: Day): DayRange {
  switch (preset) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return { from: addDays(today, -1), to: addDays(today, -1) };
    case 'thisMonth':
      return { from: firstOfMonth(today), to: today };
    case 'lastMonth': {
      const to = addDays(firstOfMonth(today), -1);
      return { from: firstOfMonth(to), to };
    }
    default:
      return { from: addDays(today, 1 - (PRESET_DAYS[preset] ?? 1)), to: today };
  }
}
