import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { IntlProvider } from 'react-intl';
import { vi } from 'vitest';
import { createApi } from '../../src/api/client';
import { AppContext } from '../../src/app/AppContext';
import { loadMessages } from '../../src/i18n/locale';
import type { Session } from '../../src/session/session';

export const session: Session = {
  mode: 'local',
  apiUrl: 'https://api.example',
  claims: { account: 'account', scope: 'scope' },
  signInFailed: false,
  token: () => 't',
  renew: () => Promise.resolve(false),
  signIn: () => Promise.resolve(),
  signOut: () => Promise.resolve(),
};

/** What stands around every part of the page: the session, its client, its language. */
export async function around() {
  const messages = await loadMessages('en-US');
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const app = { api: createApi(session, vi.fn()), session, account: 'loja', subject: 'ana', canWrite: true };
  const wrapper = ({ children }: { children: ReactNode }) => (
    <IntlProvider locale="en-US" messages={messages}>
      <QueryClientProvider client={client}>
        <AppContext value={app}>{children}</AppContext>
      </QueryClientProvider>
    </IntlProvider>
  );
  return { client, wrapper };
}
