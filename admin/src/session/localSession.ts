import { USUAL_CLAIMS } from '../config';
import type { Session } from './session';

const DEMO_ACCOUNT = 'demo';

/** The local stack's session: it takes a token by itself; `?account=` and `?scope=` choose another. */
export async function openLocalSession(): Promise<Session> {
  const given = new URLSearchParams(window.location.search);
  const query = new URLSearchParams({ account: given.get('account') ?? DEMO_ACCOUNT });
  const scope = given.get('scope');
  if (scope) query.set('scope', scope);

  let token: string | undefined;
  const renew = async (): Promise<boolean> => {
    try {
      const response = await fetch(`/local/token?${query.toString()}`, { cache: 'no-store' });
      token = response.ok ? (await response.text()).trim() : undefined;
    } catch {
      token = undefined;
    }
    return token !== undefined;
  };
  await renew();
  return {
    mode: 'local',
    apiUrl: '',
    claims: USUAL_CLAIMS,
    signInFailed: false,
    token: () => token,
    renew,
    signIn: async () => {
      await renew();
    },
    signOut: () => Promise.resolve(),
  };
}
