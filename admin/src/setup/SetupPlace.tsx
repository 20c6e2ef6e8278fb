import { lazy, Suspense, useEffect, useState } from 'react';
import type { Account, Figures } from '../api/types';
import { useMetrics } from '../api/queries';
import { useApp } from '../app/AppContext';
import type { DayRange } from '../period/days';
import type { ComparedWith } from '../api/types';
import { LazyBoundary } from '../ui/LazyBoundary';
import { Skeleton } from '../ui/Skeleton';
import { stored } from '../ui/stored';

const SetupChecklist = lazy(() => import('./SetupChecklist'));

/** About as high as the checklist: its place is kept, so that nothing below it moves. */
const ROOM = <Skeleton height={330} />;

/** What this browser remembers of an account: `open` while steps are left, `done` once none is or it was put away. */
type Remembered = 'open' | 'done';

const key = (account: string): string => `campaigns.setUp.${account}`;
const recall = (account: string): string | null | undefined =>
  stored('localStorage', (storage) => storage.getItem(key(account)));
const remember = (account: string, state: Remembered): unknown =>
  stored('localStorage', (storage) => storage.setItem(key(account), state));

/** Whether the figures that are shown anyway say that no step is left: then nothing else is asked for. */
const showsAll = (account: Account, { delivered, totalClicks, conversions }: Figures): boolean =>
  account.timeZoneFixed && delivered > 0 && totalClicks > 0 && conversions.total > 0;

interface SetupPlaceProps {
  account: Account;
  /** The days that the page shows, and what they are compared with: their figures are there anyway. */
  range: DayRange;
  compared: ComparedWith | undefined;
}

/** The place of the checklist, which is loaded for stores alone that have steps left. */
export function SetupPlace({ account, range, compared }: SetupPlaceProps) {
  const { account: name } = useApp();
  const [known] = useState(() => recall(name));
  const [over, setOver] = useState(known === 'done');
  const { data } = useMetrics(over ? undefined : range, undefined, 'never', compared);
  const isDone = data !== undefined && showsAll(account, data.totals);
  useEffect(() => {
    if (isDone) remember(name, 'done');
    else if (data && !over) remember(name, 'open');
  }, [isDone, data, over, name]);
  const end = (): void => {
    remember(name, 'done');
    setOver(true);
  };
  if (over || isDone) return null;
  const room = known === 'open' || !account.timeZoneFixed ? ROOM : null;
  return (
    <LazyBoundary onFailed={() => undefined}>
      <Suspense fallback={room}>{data ? <SetupChecklist room={room} onEnd={end} /> : room}</Suspense>
    </LazyBoundary>
  );
}
