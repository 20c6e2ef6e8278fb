import type { AsideItem } from '../api/types';

/** The reasons that the page has words for. */
export const REASONS = [
  'unknown-phone-number',
  'number-pending',
  'unknown-campaign',
  'unknown-event-type',
  'unknown-link-token',
  'tap-without-context',
  'impossible-date',
  'too-old',
  'invalid-field',
  'order-limit',
  'order-not-found',
  'order-refused',
  'not-storable',
] as const;

/** Items that can't count for the same reason. */
export interface AsideGroup {
  code: string;
  field: string | undefined;
  count: number;
  /** The one that came last. */
  latest: AsideItem;
}

/** Groups items by reason and field, those with most items first. */
export function groupAside(items: readonly AsideItem[]): AsideGroup[] {
  const groups = new Map<string, AsideGroup>();
  for (const item of items) {
    const key = `${item.code}\n${item.field ?? ''}`;
    const held = groups.get(key);
    groups.set(key, {
      code: item.code,
      field: item.field ?? undefined,
      count: (held?.count ?? 0) + 1,
      latest: held && held.latest.receivedAt >= item.receivedAt ? held.latest : item,
    });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}
