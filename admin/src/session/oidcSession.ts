import type { OidcConfig } from '../config';
import { isFramed } from '../frame/host';
import { stored } from '../ui/stored';
import { answerFrom, openPopup } from './popup';
import type { Provider, Question, Tokens } from './provider';
import type { Session } from './session';

/** What is kept in this tab's session storage: the tokens, and the sign-in that is under way. */
const TOKENS = 'campaigns.tokens';
const SIGN_IN = 'campaigns.signIn';

interface PendingSignIn extends Question {
  /** The view to come back to. */
  view: string;
}

const load = (key: string): unknown =>
  JSON.parse(stored('sessionStorage', (storage) => storage.getItem(key)) ?? 'null');
const keep = (key: string, value: unknown): void =>
  stored('sessionStorage', (storage) => storage.setItem(key, JSON.stringify(value)));
const forget = (key: string): void => stored('sessionStorage', (storage) => storage.removeItem(key));
const redirectUri = (): string => `${window.location.origin}/`;

/**
 * A session with an OpenID provider: authorization code with PKCE as a public client. Only the access token is
 * sent, and only the API judges it; the ID token ties the answer to this tab's question and signs out.
 */
export async function openOidcSession(config: OidcConfig): Promise<Session> {
  let provider: Promise<Provider> | undefined;
  const known = (): Promise<Provider> => {
    // The protocol is loaded when it is spoken: whoever comes back with a token in hand doesn't wait for it.
    provider ??= import('./provider')
      .then(({ discover }) => discover(config))
      .catch((error: unknown) => {
        provider = undefined;
        throw error;
      });
    return provider;
  };

  let tokens = load(TOKENS) as Tokens | null;
  const hold = (next: Tokens | null): void => {
    tokens = next;
    if (next) keep(TOKENS, next);
    else forget(TOKENS);
  };
  const answered = await finishSignIn(known);
  if (answered !== 'none' && answered !== 'failed') hold(answered);

  let renewal: Promise<boolean> | undefined;
  const renew = async (): Promise<boolean> => {
    const refreshToken = tokens?.refreshToken;
    if (!refreshToken) return false;
    try {
      const next = await (await known()).renew(refreshToken);
      // A provider that doesn't rotate refresh tokens sends none: the one in hand stays good.
      hold({ ...next, idToken: next.idToken ?? tokens?.idToken, refreshToken: next.refreshToken ?? refreshToken });
      return true;
    } catch {
      return false;
    }
  };

  return {
    mode: 'oidc',
    apiUrl: config.apiUrl,
    claims: config.claims,
    signInFailed: answered === 'failed',
    token: () => tokens?.accessToken,
    // One at a time: several requests fail together, and a refresh token may be good only once.
    renew: () => (renewal ??= renew().finally(() => (renewal = undefined))),
    signIn: async () => {
      const leave = leaver();
      try {
        const { server, ask, exchange } = await known();
        const { authorization_endpoint: endpoint } = server;
        if (!endpoint) throw new Error('the provider has no authorization endpoint');
        hold(null);
        const { question, challenge } = await ask();
        const url = new URL(endpoint);
        const query = {
          response_type: 'code',
          client_id: config.clientId,
          redirect_uri: redirectUri(),
          scope: config.scope,
          state: question.state,
          nonce: question.nonce,
          code_challenge: challenge,
          code_challenge_method: 'S256',
          ...(config.audience ? { audience: config.audience } : {}),
        };
        for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
        if (!leave.popup) keep(SIGN_IN, { ...question, view: window.location.search } satisfies PendingSignIn);
        leave.to(url);
        const answer = leave.popup && (await answerFrom(leave.popup));
        if (answer === undefined) return;
        hold(await exchange(new URL(answer, redirectUri()), question, redirectUri()));
      } catch (error) {
        leave.popup?.close();
        throw error;
      }
    },
    signOut: async () => {
      const leave = leaver();
      const idToken = tokens?.idToken;
      hold(null);
      // Whoever comes next learns nothing of the stores that were looked at here.
      stored('localStorage', (storage) => storage.clear());
      const endSessionEndpoint = await known().then(
        ({ server }) => server.end_session_endpoint,
        () => undefined,
      );
      const url = new URL(endSessionEndpoint ?? redirectUri());
      if (endSessionEndpoint) {
        url.searchParams.set('client_id', config.clientId);
        url.searchParams.set('post_logout_redirect_uri', redirectUri());
        // Cognito's name for it.
        url.searchParams.set('logout_uri', redirectUri());
        if (idToken) url.searchParams.set('id_token_hint', idToken);
      }
      leave.to(url);
      if (leave.popup) window.location.reload();
    },
  };
}

/** Leaves for the provider: in this window, or, from a frame, in one that is opened at once, while the press counts. */
function leaver(): { popup: Window | undefined; to: (url: URL) => void } {
  const popup = isFramed() ? openPopup() : undefined;
  return { popup, to: (url) => (popup ? popup.location.replace(url) : window.location.assign(url)) };
}

/** On return from the provider: exchanges the code and puts the view back. */
async function finishSignIn(known: () => Promise<Provider>): Promise<Tokens | 'none' | 'failed'> {
  const address = new URL(window.location.href);
  const query = address.searchParams;
  const pending = load(SIGN_IN) as PendingSignIn | null;
  const state = query.get('state');
  if (!state || (!query.has('code') && !query.has('error'))) return 'none';
  // Whatever comes of it, a code is good once and must not stay in the address.
  forget(SIGN_IN);
  const ours = pending?.state === state;
  window.history.replaceState(null, '', `/${ours ? pending.view : ''}`);
  if (!ours) return 'failed';
  try {
    return await (await known()).exchange(address, pending, redirectUri());
  } catch {
    return 'failed';
  }
}
