import { keepPreviousData, useInfiniteQuery, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useApp } from '../app/AppContext';
import type { DayRange } from '../period/days';
import { unwrap } from './client';
import type { Account, Campaign, Conversion, HistoryEntry, Explanation, Metrics, Report, Schedule } from './types';

/** How often visible figures refresh: often enough to feel live, rarely enough to cost nothing. */
const REFRESH_MILLIS = 30_000;
/** How often figures refresh that hardly change any more. */
const SLOW_REFRESH_MILLIS = 5 * 60_000;
/** How often a report under way is asked after. */
const REPORT_POLL_MILLIS = 1_500;

export function useAccount(): UseQueryResult<Account> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['account'],
    queryFn: ({ signal }) => unwrap(api.GET('/account', { signal })),
    staleTime: 5 * 60_000,
  });
}

interface Freshness {
  /** Whether the figures may still change while they are looked at. */
  live: boolean;
}

export function useMetrics(
  range: DayRange | undefined,
  campaignId?: string,
  { live }: Freshness = { live: true },
): UseQueryResult<Metrics> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['metrics', range, campaignId ?? null],
    enabled: range !== undefined,
    queryFn: ({ signal }) => {
      const { from, to } = range ?? { from: '', to: '' };
      const query = { from, to, ...(campaignId ? { campaignId } : {}) };
      return unwrap(api.GET('/metrics', { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: live ? REFRESH_MILLIS : SLOW_REFRESH_MILLIS,
  });
}

export function useCampaigns(): UseQueryResult<Campaign[]> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['campaigns'],
    queryFn: async ({ signal }) => (await unwrap(api.GET('/campaigns', { signal }))).items,
    refetchInterval: REFRESH_MILLIS,
  });
}

export function useHistory(id: string): UseQueryResult<HistoryEntry[]> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['history', id],
    queryFn: async ({ signal }) =>
      (await unwrap(api.GET('/campaigns/{id}/history', { params: { path: { id } }, signal }))).items,
  });
}

const isFinal = (status: Report['status'] | undefined): boolean =>
  status === 'failed' || status === 'bounced' || status === 'complained';

export function useReport(id: string | undefined): UseQueryResult<Report> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['report', id],
    enabled: id !== undefined,
    queryFn: ({ signal }) => unwrap(api.GET('/reports/{id}', { params: { path: { id: id ?? '' } }, signal })),
    // A mail can come back after it was handed over, and its reader can confirm while this is open.
    refetchInterval: ({ state }) => (isFinal(state.data?.status) ? false : REPORT_POLL_MILLIS),
    refetchIntervalInBackground: true,
  });
}

export function useSchedules(): UseQueryResult<Schedule[]> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['schedules'],
    queryFn: async ({ signal }) => (await unwrap(api.GET('/report-schedules', { signal }))).items,
  });
}

export function usePurchases(range: DayRange | undefined, campaignId?: string) {
  const { api } = useApp();
  return useInfiniteQuery({
    queryKey: ['purchases', range, campaignId ?? null],
    enabled: range !== undefined,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) => {
      const { from, to } = range ?? { from: '', to: '' };
      const query = { from, to, ...(campaignId ? { campaignId } : {}), ...(pageParam ? { cursor: pageParam } : {}) };
      return unwrap(api.GET('/orders', { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next,
  });
}

/** All conversions of a range, page after page; for ranges known to have few. */
export function useConversions(
  range: DayRange,
  campaignId: string | undefined,
  enabled: boolean,
): UseQueryResult<Conversion[]> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['conversions', range, campaignId ?? null],
    enabled,
    queryFn: async ({ signal }) => {
      const all: Conversion[] = [];
      let cursor: string | null | undefined;
      do {
        const query = { ...range, ...(campaignId ? { campaignId } : {}), ...(cursor ? { cursor } : {}) };
        const page = await unwrap(api.GET('/orders', { params: { query }, signal }));
        all.push(...page.items);
        cursor = page.next;
      } while (cursor);
      return all;
    },
    staleTime: SLOW_REFRESH_MILLIS,
    refetchInterval: SLOW_REFRESH_MILLIS,
  });
}

export function useExplanation(orderGroup: string): UseQueryResult<Explanation> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['explanation', orderGroup],
    queryFn: ({ signal }) =>
      // Encoded here and once more by the client: the gateway decodes a path before it routes.
      unwrap(
        api.GET('/orders/{orderGroup}', { params: { path: { orderGroup: encodeURIComponent(orderGroup) } }, signal }),
      ),
  });
}
