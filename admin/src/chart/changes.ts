import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Campaign, HistoryEntry } from '../api/types';
import { historyQuery } from '../api/queries';
import { useApp } from '../app/AppContext';
import type { Bucket } from './buckets';
import { dayIn, type Day, type DayRange } from '../period/days';

/** A day on which somebody paused, resumed or edited a campaign. */
export interface ChangeMark {
  day: Day;
  kind: 'paused' | 'resumed' | 'edited';
  campaign: string;
}

const kindOf = ({ changes }: HistoryEntry): ChangeMark['kind'] => {
  const status = changes.find(({ field }) => field === 'status')?.to;
  return status === 'paused' ? 'paused' : status === 'active' ? 'resumed' : 'edited';
};

/** The campaigns that were changed after they were made, not before the range: only they can have a mark in it. */
export function changedSince(campaigns: readonly Campaign[], range: DayRange, timeZone: string): Campaign[] {
  return campaigns.filter(
    ({ version, updatedAt }) => version > 1 && dayIn(timeZone, new Date(updatedAt)) >= range.from,
  );
}

export function marksOf(
  campaign: Campaign,
  history: readonly HistoryEntry[],
  range: DayRange,
  timeZone: string,
): ChangeMark[] {
  return history
    .filter(({ version }) => version > 1)
    .map((entry) => ({ day: dayIn(timeZone, new Date(entry.at)), kind: kindOf(entry), campaign: campaign.name }))
    .filter(({ day }) => range.from <= day && day <= range.to);
}

/** The points in whose days somebody changed a campaign. */
export const markedPoints = (buckets: readonly Bucket[], marks: readonly ChangeMark[]): number[] =>
  buckets.flatMap(({ from, to }, index) => (marks.some(({ day }) => from <= day && day <= to) ? [index] : []));

/** Reads at once: the figures of the page's next refresh shouldn't have to wait behind a hundred of them. */
const READS_AT_ONCE = 6;

/**
 * Where in the range campaigns were paused, resumed or edited. A history is asked for once for each version of its
 * campaign. Without an answer there are no marks, and no error.
 */
export function useChangeMarks(
  campaigns: readonly Campaign[],
  range: DayRange,
  timeZone: string | undefined,
): readonly ChangeMark[] {
  const { api } = useApp();
  const client = useQueryClient();
  const changed = timeZone ? changedSince(campaigns, range, timeZone) : [];
  const { data } = useQuery({
    queryKey: ['marks', range, timeZone, changed.map(({ campaignId, name, version }) => [campaignId, name, version])],
    enabled: changed.length > 0,
    staleTime: Infinity,
    queryFn: async () => {
      const marks: ChangeMark[] = [];
      for (let start = 0; start < changed.length; start += READS_AT_ONCE) {
        const batch = changed.slice(start, start + READS_AT_ONCE);
        const read = batch.map(({ campaignId, version }) => client.query(historyQuery(api, campaignId, version)));
        const histories = await Promise.all(read);
        marks.push(...batch.flatMap((each, index) => marksOf(each, histories[index] ?? [], range, timeZone ?? 'UTC')));
      }
      return marks;
    },
  });
  return (changed.length > 0 ? data : undefined) ?? NONE;
}

const NONE: readonly ChangeMark[] = [];
