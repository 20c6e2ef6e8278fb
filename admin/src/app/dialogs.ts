import { createContext, use } from 'react';
import type { Campaign, Schedule } from '../api/types';
import type { DayRange } from '../period/days';

/** A dialog that the page can show. One at a time. A report is of the days shown unless it names others. */
export type DialogRequest =
  | { kind: 'report'; range?: DayRange; campaign: Campaign | undefined; email?: string }
  | { kind: 'create' }
  | { kind: 'edit'; campaign: Campaign }
  | { kind: 'pause'; campaign: Campaign }
  | { kind: 'history'; campaign: Campaign }
  | { kind: 'price'; currency: string }
  | { kind: 'schedule' }
  | { kind: 'deleteSchedule'; schedule: Schedule }
  | { kind: 'secret'; renews: boolean }
  | { kind: 'vtex' }
  | { kind: 'erase' };

export const DialogContext = createContext<(request: DialogRequest) => void>(() => undefined);

export function useDialogs(): (request: DialogRequest) => void {
  return use(DialogContext);
}
