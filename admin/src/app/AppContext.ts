import { createContext, use } from 'react';
import type { Api } from '../api/client';
import type { Session } from '../session/session';

/** What every part of the page may need. */
export interface AppContextValue {
  api: Api;
  session: Session;
  /** The account's name, as the token has it. */
  account: string;
  /** The user's id at the provider, as the token has it. */
  subject: string;
  canWrite: boolean;
}

export const AppContext = createContext<AppContextValue | null>(null);

export function useApp(): AppContextValue {
  const value = use(AppContext);
  if (!value) throw new Error('useApp outside of the app');
  return value;
}
