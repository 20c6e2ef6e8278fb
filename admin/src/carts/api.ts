import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { unwrap } from '../api/client';
import { useApp } from '../app/AppContext';
import type { Cart } from './types';

/** How often a cart that isn't decided is asked after while it is looked at. */
const OPEN_CART_MILLIS = 30_000;

/** Why a cart was reminded of or not, or what it waits for. */
export function useCart(orderFormId: string): UseQueryResult<Cart> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['cart', orderFormId],
    queryFn: ({ signal }) => unwrap(api.GET('/carts/{orderFormId}', { params: { path: { orderFormId } }, signal })),
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'closed' ? OPEN_CART_MILLIS : false),
  });
}
