import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { UNSAFE_PortalProvider } from 'react-aria/PortalProvider';
import { createApi } from '../api/client';
import { ApiProblem } from '../api/problem';
import { readClaims, type Session } from '../session/session';
import { ToastProvider } from '../ui/Toasts';
import { AppContext, type AppContextValue } from './AppContext';
import { DialogHost } from './DialogHost';
import { overlaysContainer } from './overlays';
import { Shell } from './Shell';
import { SignIn } from './SignIn';

const RETRIES = 2;

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < RETRIES && error instanceof ApiProblem && error.retryable,
        retryDelay: (failures) => 500 * 2 ** failures,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

/** The page: signed out, expired, or at work. */
export function App({ session }: { session: Session }) {
  const [expired, setExpired] = useState(false);
  const [queryClient] = useState(createQueryClient);
  const [, setSignIns] = useState(0);
  const token = session.token();
  const app = useMemo<AppContextValue>(() => {
    const { account, subject, canWrite } = readClaims(token ?? '', session.claims);
    return { api: createApi(session, () => setExpired(true)), session, account, subject, canWrite };
  }, [session, token]);
  const onSignedIn = (): void => {
    // It may be somebody else.
    queryClient.clear();
    setExpired(false);
    setSignIns((before) => before + 1);
  };
  if (token === undefined && !expired) return <SignIn session={session} expired={false} onSignedIn={onSignedIn} />;
  return (
    <QueryClientProvider client={queryClient}>
      <AppContext value={app}>
        <ToastProvider>
          {expired ? (
            <SignIn session={session} expired onSignedIn={onSignedIn} />
          ) : (
            <UNSAFE_PortalProvider getContainer={overlaysContainer}>
              <DialogHost>
                <Shell />
              </DialogHost>
            </UNSAFE_PortalProvider>
          )}
        </ToastProvider>
      </AppContext>
    </QueryClientProvider>
  );
}
