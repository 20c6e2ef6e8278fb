import { useEffect } from 'react';
import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query';
import { useApp } from '../app/AppContext';
import type { DayRange } from '../period/days';
import type { CreditKind } from '../period/urlState';
import { isUnderWay } from '../report/underWay';
import { unwrap, type Api } from './client';
import type {
  Account,
  AsideItem,
  Campaign,
  ComparedWith,
  Erasure,
  HistoryEntry,
  Explanation,
  Metrics,
  OrderItems,
  Report,
  Schedule,
  Vtex,
} from './types';

/** How often visible figures refresh: often enough to feel live, rarely enough to cost nothing. */
const REFRESH_MILLIS = 30_000;
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

/** How often an answer is asked for again while the page is in sight: what is looked at, and what isn't on the screen. */
export type Refresh = 'often' | 'never';

const refreshMillis = { often: REFRESH_MILLIS, never: false } as const;

/** Asks at once when what comes into sight is older than what stays in sight would be. */
function useFreshInSight(refresh: Refresh, { dataUpdatedAt, refetch }: UseQueryResult): void {
  useEffect(() => {
    if (refresh === 'often' && dataUpdatedAt > 0 && Date.now() - dataUpdatedAt > REFRESH_MILLIS) void refetch();
    // Only when it comes into sight: while it stays there, the interval asks.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [refresh]);
}

const metricsQuery = (
  api: Api,
  range: DayRange | undefined,
  campaignId: string | undefined,
  compareWith: ComparedWith | undefined,
) => ({
  queryKey: ['metrics', range, campaignId ?? null, compareWith ?? null],
  queryFn: ({ signal }: { signal: AbortSignal }) => {
    const { from, to } = range ?? { from: '', to: '' };
    const query = { from, to, ...(campaignId ? { campaignId } : {}), ...(compareWith ? { compareWith } : {}) };
    return unwrap(api.GET('/metrics', { params: { query }, signal }));
  },
});

/**
 * Asks for the figures of the days that the page opens with while the store's zone is still awaited. Where it is
 * another day there than here, these are the wrong ones, and the right ones are asked for then.
 */
export function useMetricsAhead(
  range: DayRange | undefined,
  campaignId: string | undefined,
  compareWith: ComparedWith | undefined,
): void {
  const { api } = useApp();
  const client = useQueryClient();
  useEffect(() => {
    if (range) client.query(metricsQuery(api, range, campaignId, compareWith)).catch(() => undefined);
    // Once, when the page opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}

export function useMetrics(
  range: DayRange | undefined,
  campaignId?: string,
  refresh: Refresh = 'often',
  compareWith?: ComparedWith,
): UseQueryResult<Metrics> {
  const { api } = useApp();
  const query = useQuery({
    ...metricsQuery(api, range, campaignId, compareWith),
    enabled: range !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: refreshMillis[refresh],
  });
  useFreshInSight(refresh, query);
  return query;
}

export function useCampaigns(refresh: Refresh = 'never'): UseQueryResult<Campaign[]> {
  const { api } = useApp();
  const query = useQuery({
    queryKey: ['campaigns'],
    queryFn: async ({ signal }) => (await unwrap(api.GET('/campaigns', { signal }))).items,
    refetchInterval: refreshMillis[refresh],
  });
  useFreshInSight(refresh, query);
  return query;
}

export function useHistory(id: string): UseQueryResult<HistoryEntry[]> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['history', id],
    queryFn: async ({ signal }) =>
      (await unwrap(api.GET('/campaigns/{id}/history', { params: { path: { id } }, signal }))).items,
  });
}

/** A campaign's history as of a version: another version has another one. */
export const historyQuery = (api: Api, id: string, version: number) => ({
  queryKey: ['history', id, version],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (await unwrap(api.GET('/campaigns/{id}/history', { params: { path: { id } }, signal }))).items,
  staleTime: Infinity,
});

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
  });
}

export function useSchedules(): UseQueryResult<Schedule[]> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['schedules'],
    queryFn: async ({ signal }) => (await unwrap(api.GET('/report-schedules', { signal }))).items,
  });
}

/** Pages of purchases that are asked for again as often as figures; a list that was read on and on stays. */
const FRESH_PAGES = 3;

/** Which purchases. */
export interface PurchaseFilters {
  campaignId: string | undefined;
  kind: CreditKind | undefined;
  currency: string | undefined;
}

/** The purchases of a range, those of the newest messages first, with what all of them come to. */
export function usePurchases(range: DayRange, filters: PurchaseFilters) {
  const { api } = useApp();
  return useInfiniteQuery({
    queryKey: ['purchases', range, filters],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) => {
      const { campaignId, kind, currency } = filters;
      const query = {
        ...range,
        sort: 'newest' as const,
        ...(campaignId ? { campaignId } : {}),
        ...(kind ? { kind } : {}),
        ...(currency ? { currency } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return unwrap(api.GET('/orders', { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > FRESH_PAGES ? false : REFRESH_MILLIS),
  });
}

// Encoded here and once more by the client: the gateway decodes a path before it routes.
const orderPath = (order: string) => ({ orderGroup: encodeURIComponent(order) });

/** Why an order counts, or not; it is found by its group or by the id of one of its parts. */
export function useExplanation(order: string): UseQueryResult<Explanation> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['explanation', order],
    queryFn: ({ signal }) => unwrap(api.GET('/orders/{orderGroup}', { params: { path: orderPath(order) }, signal })),
  });
}

/** What was in the cart, and what was bought. */
export function useOrderItems(order: string): UseQueryResult<OrderItems | undefined> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['items', order],
    queryFn: async ({ signal }) => {
      const params = { path: orderPath(order), query: { items: true } };
      return (await unwrap(api.GET('/orders/{orderGroup}', { params, signal }))).items ?? undefined;
    },
  });
}

/** The reports asked for, newest first, page after page. */
export function useReports() {
  const { api } = useApp();
  return useInfiniteQuery({
    queryKey: ['reports'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      unwrap(api.GET('/reports', { params: { query: pageParam ? { cursor: pageParam } : {} }, signal })),
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some(isUnderWay)) ? REPORT_POLL_MILLIS : false,
  });
}

/** Who changed what, newest first, page after page. */
export function useActivity() {
  const { api } = useApp();
  const client = useQueryClient();
  // Whatever was changed on this page stands there, too.
  useEffect(
    () =>
      client.getMutationCache().subscribe((event) => {
        if (event.type === 'updated' && event.action.type === 'success')
          void client.invalidateQueries({ queryKey: ['activity'] });
      }),
    [client],
  );
  return useInfiniteQuery({
    queryKey: ['activity'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      unwrap(api.GET('/account/activity', { params: { query: pageParam ? { cursor: pageParam } : {} }, signal })),
    getNextPageParam: (page) => page.next,
  });
}

/** How far an erasure is, asked for until it is done. */
export function useErasure(id: string): UseQueryResult<Erasure> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['erasure', id],
    queryFn: ({ signal }) => unwrap(api.GET('/shoppers/erasures/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.status === 'done' ? false : REPORT_POLL_MILLIS),
  });
}

/** How the store's VTEX is connected, and when it brought an order last. */
export function useVtex(refresh: Refresh = 'never'): UseQueryResult<Vtex> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['vtex'],
    queryFn: ({ signal }) => unwrap(api.GET('/account/vtex', { signal })),
    refetchInterval: refreshMillis[refresh],
  });
}

/** Pages of kept-aside items that are read to count them; beyond, the page says "more than". */
const ASIDE_PAGES = 10;

/** What was kept aside lately, and whether there is more. */
export function useAside(): UseQueryResult<{ items: AsideItem[]; more: boolean }> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['aside'],
    queryFn: async ({ signal }) => {
      const items: AsideItem[] = [];
      let cursor: string | null | undefined;
      for (let page = 0; page < ASIDE_PAGES; page++) {
        const query = cursor ? { cursor } : {};
        const answer = await unwrap(api.GET('/events/aside', { params: { query }, signal }));
        items.push(...answer.items);
        cursor = answer.next;
        if (!cursor) return { items, more: false };
      }
      return { items, more: true };
    },
  });
}
