import { useQueries } from '@tanstack/react-query';
import type { Campaign, HistoryEntry } from '../api/types';
import { historyQuery } from '../api/queries';
import { useApp } from '../app/AppContext';
import { dayIn, type Day, type DayRange } from '../period/days';

/** A day on which somebody paused, resumed or edited a campaign. */
export interface ChangeMark {
  day: Day;
  kind: 'paused' | 'resumed' | 'edited';
  campaign: string;
}

/** Campaigns whose histories are asked for: those changed last. More marks than theirs would hide the lines. */
export const MOST_HISTORIES = 10;

const kindOf = ({ changes }: HistoryEntry): ChangeMark['kind'] => {
  const status = changes.find(({ field }) => field === 'status')?.to;
  return status === 'paused' ? 'paused' : status === 'active' ? 'resumed' : 'edited';
};

/** The campaigns that were changed after they were made, not before the range: only they can have a mark in it. */
export function changedSince(campaigns: readonly Campaign[], range: DayRange, timeZone: string): Campaign[] {
  return campaigns
    .filter(({ version, updatedAt }) => version > 1 && dayIn(timeZone, new Date(updatedAt)) >= range.from)
    .sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1))
    .slice(0, MOST_HISTORIES);
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

/** Where in the range campaigns were paused, resumed or edited. Without an answer there are no marks, and no error. */
export function useChangeMarks(
  campaigns: readonly Campaign[],
  range: DayRange,
  timeZone: string | undefined,
): ChangeMark[] {
  const { api } = useApp();
  const changed = timeZone ? changedSince(campaigns, range, timeZone) : [];
  return useQueries({
    queries: changed.map(({ campaignId, version }) => historyQuery(api, campaignId, version)),
    // Equal marks stay the same object.
    combine: (answers) =>
      changed.flatMap((campaign, index) => marksOf(campaign, answers[index]?.data ?? [], range, timeZone ?? 'UTC')),
  });
}
