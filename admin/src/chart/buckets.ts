import type { DayFigures, EarlierDay, Figures } from '../api/types';
import type { Day } from '../period/days';
import { sumFigures } from '../overview/sumFigures';

/** How long a point of the chart is. */
export type Grain = 'day' | 'week' | 'month';

/** More days than these crowd a chart: then it shows weeks, and months beyond half a year. */
export const MOST_DAYS = 60;
const MOST_WEEK_DAYS = 182;

/** Store days that the chart shows as one point. */
export interface Bucket {
  from: Day;
  to: Day;
  days: number;
  /** Whether no figure of it will change any more. */
  settled: boolean;
  /** Whether it holds the day that isn't over yet. */
  open: boolean;
  figures: Figures;
}

export function grainOf(days: number): Grain {
  if (days <= MOST_DAYS) return 'day';
  return days <= MOST_WEEK_DAYS ? 'week' : 'month';
}

/** Weeks begin on Monday. */
function startsNew(day: Day, grain: Grain): boolean {
  if (grain === 'day') return true;
  return grain === 'week' ? new Date(`${day}T00:00:00Z`).getUTCDay() === 1 : day.endsWith('-01');
}

/** The days by calendar weeks or months; the first and the last may be cut by the range, and say so by their days. */
export function bucketsOf(days: readonly DayFigures[], grain: Grain, today: Day): Bucket[] {
  const groups: DayFigures[][] = [];
  for (const day of days) {
    const last = groups.at(-1);
    if (!last || startsNew(day.day, grain)) groups.push([day]);
    else last.push(day);
  }
  return groups.map((group) => bucketOf(group, today));
}

/** The earlier days of each point; none where a shorter month left none to compare with. */
export function bucketsBefore(buckets: readonly Bucket[], days: readonly EarlierDay[]): (Bucket | undefined)[] {
  return buckets.map(({ from, to }) => {
    const group = days.filter(({ against }) => against != null && from <= against && against <= to);
    return group.length > 0
      ? bucketOf(
          group.map((day) => ({ ...day, settled: true })),
          '',
        )
      : undefined;
  });
}

function bucketOf(group: readonly DayFigures[], today: Day): Bucket {
  const [first] = group;
  const from = first?.day ?? '';
  const to = group.at(-1)?.day ?? from;
  return {
    from,
    to,
    days: group.length,
    settled: group.every((day) => day.settled),
    open: group.some(({ day }) => day === today),
    // A day's distinct shoppers are known, those of several days aren't.
    figures: first && group.length === 1 ? first : sumFigures(group),
  };
}

/** The bucket that holds a day; none when it lies outside of them. */
export function bucketAt(buckets: readonly Bucket[], day: Day): Bucket | undefined {
  return buckets.find(({ from, to }) => from <= day && day <= to);
}
