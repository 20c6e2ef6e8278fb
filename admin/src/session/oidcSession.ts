import { UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';
import type { OidcConfig } from '../config';
import type { Session } from './session';

/**
 * A session with an OpenID provider: authorization code with PKCE. The view that the user leaves travels in
 * the sign-in state and is restored on return. Tokens live in this tab's session storage.
 */
export async function openOidcSession(config: OidcConfig): Promise<Session> {
  const store = new WebStorageStateStore({ store: window.sessionStorage });
  const manager = new UserManager({
    authority: config.issuer,
    client_id: config.clientId,
    redirect_uri: `${window.location.origin}/`,
    post_logout_redirect_uri: `${window.location.origin}/`,
    response_type: 'code',
    scope: config.scope,
    userStore: store,
    stateStore: store,
    // Renewing needs a refresh token; hidden frames are refused by the content security policy.
    automaticSilentRenew: false,
    monitorSession: false,
    loadUserInfo: false,
    ...(config.audience ? { extraQueryParams: { audience: config.audience } } : {}),
  });

  let user: User | null = await finishSignIn(manager);
  const renew = async (): Promise<boolean> => {
    try {
      user = user?.refresh_token ? await manager.signinSilent() : null;
    } catch {
      user = null;
    }
    return user !== null;
  };
  if (user?.expired) await renew();

  return {
    mode: 'oidc',
    apiUrl: config.apiUrl,
    token: () => user?.access_token,
    renew,
    signIn: () => manager.signinRedirect({ state: window.location.search }),
    signOut: async () => {
      user = null;
      try {
        await manager.signoutRedirect();
      } catch {
        // A provider without a logout endpoint: forgetting the token is all there is.
        await manager.removeUser();
        window.location.replace('/');
      }
    },
  };
}

/** Exchanges the code of a return from sign-in, puts the view back, and yields the user, if any. */
async function finishSignIn(manager: UserManager): Promise<User | null> {
  const query = new URLSearchParams(window.location.search);
  const returning = query.has('state') && (query.has('code') || query.has('error'));
  if (!returning) return manager.getUser();
  let view = '';
  try {
    const user = await manager.signinCallback();
    view = typeof user?.state === 'string' ? user.state : '';
    return user ?? null;
  } catch {
    return null;
  } finally {
    window.history.replaceState(null, '', `/${view}`);
  }
}
