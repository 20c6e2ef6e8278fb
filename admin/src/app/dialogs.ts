import { createContext, use } from 'react';
import type { Campaign, NewReport, Schedule } from '../api/types';

/**
 * A dialog that the page can show. One at a time. A report starts with the days shown and a campaign, or with all that
 * was asked for before.
 */
export type DialogRequest =
  | { kind: 'report'; campaign: Campaign | undefined }
  | { kind: 'report'; again: NewReport }
  | { kind: 'create' }
  | { kind: 'edit'; campaign: Campaign }
  | { kind: 'pause'; campaign: Campaign }
  | { kind: 'history'; campaign: Campaign }
  | { kind: 'price'; currency: string }
  | { kind: 'schedule'; schedule?: Schedule }
  | { kind: 'deleteSchedule'; schedule: Schedule }
  | { kind: 'secret'; renews: boolean }
  | { kind: 'vtex' }
  | { kind: 'erase' };

export const DialogContext = createContext<(request: DialogRequest) => void>(() => undefined);

export function useDialogs(): (request: DialogRequest) => void {
  return use(DialogContext);
}
