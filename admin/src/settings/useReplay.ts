import { useState } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { unwrap } from '../api/client';
import { useApp } from '../app/AppContext';

/** Calls of one press: ten thousand items. What is left then waits for the next press. */
const MOST_CALLS = 100;

/** What became of the items so far. */
export interface Replayed {
  replayed: number;
  stillAside: number;
  /** Whether there are items that weren't tried. */
  more: boolean;
}

/** Sends what was kept aside for a reason through its endpoints again, call after call, and tells how far it is. */
export function useReplay() {
  const { api } = useApp();
  const client = useQueryClient();
  const [soFar, setSoFar] = useState<Replayed>();
  const replay = useMutation<Replayed, Error, string>({
    mutationFn: async (reason) => {
      let sum: Replayed = { replayed: 0, stillAside: 0, more: true };
      let cursor: string | null | undefined;
      setSoFar(sum);
      for (let call = 0; call < MOST_CALLS && sum.more; call++) {
        const body = { reason, ...(cursor ? { cursor } : {}) };
        const part = await unwrap(api.POST('/events/aside/replay', { body }));
        cursor = part.next;
        sum = {
          replayed: sum.replayed + part.replayed,
          stillAside: sum.stillAside + part.stillAside,
          more: Boolean(cursor),
        };
        setSoFar(sum);
      }
      return sum;
    },
    // Also after a failure: what was tried before it is done.
    onSettled: () =>
      client.invalidateQueries({ predicate: ({ queryKey }) => ['aside', 'metrics'].includes(String(queryKey[0])) }),
  });
  return { ...replay, soFar };
}
