import { useAccount } from '../api/queries';
import type { DayRange } from '../period/days';
import { resolveRange } from '../period/urlState';
import { useToday } from './useToday';
import { useUrlState } from './useUrlState';

/** The zone whose days are shown until the store's own is known. */
export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The days that the page shows. */
export function useShownRange(): DayRange {
  const { data } = useAccount();
  const { range } = useUrlState();
  return resolveRange(range, useToday(data?.timeZone ?? browserZone()));
}
