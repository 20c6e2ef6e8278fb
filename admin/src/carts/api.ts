import { useInfiniteQuery, useMutation, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { unwrap } from '../api/client';
import { useApp } from '../app/AppContext';
import type { DayRange } from '../period/days';
import type { CartOutcome } from '../period/urlState';
import type { Cart } from './types';

/** How often a cart that isn't decided is asked after while it is looked at. */
const OPEN_CART_MILLIS = 30_000;

/** Which carts. */
export interface CartFilters {
  campaignId: string | undefined;
  outcome: CartOutcome | undefined;
  reason: string | undefined;
}

/** The carts that were decided in a range, the newest first, page after page. */
export function useCarts(range: DayRange, { campaignId, outcome, reason }: CartFilters) {
  const { api } = useApp();
  return useInfiniteQuery({
    queryKey: ['carts', range, campaignId, outcome, reason],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) => {
      const query = {
        ...range,
        ...(campaignId ? { campaignId } : {}),
        ...(outcome ? { outcome } : {}),
        ...(reason ? { reason } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return unwrap(api.GET('/carts', { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next,
  });
}

/** Why a cart was reminded of or not, or what it waits for. */
export function useCart(orderFormId: string, episode: string | undefined): UseQueryResult<Cart> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['cart', orderFormId, episode],
    queryFn: ({ signal }) => {
      const params = { path: { orderFormId }, query: episode ? { episode } : {} };
      return unwrap(api.GET('/carts/{orderFormId}', { params, signal }));
    },
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'closed' ? OPEN_CART_MILLIS : false),
  });
}

/** The carts of a phone number, which stands in no address. */
export function useCartsOfPhone() {
  const { api } = useApp();
  return useMutation<Cart[], Error, string>({
    mutationFn: async (phone) => (await unwrap(api.POST('/shoppers/carts', { body: { phone } }))).items,
  });
}
