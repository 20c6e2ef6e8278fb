import type { ClaimNames } from '../config';

/** Who is signed in, and the token that says so. */
export interface Session {
  mode: 'local' | 'oidc';
  /** Base of the API. */
  apiUrl: string;
  /** What the token's claims are called. */
  claims: ClaimNames;
  /** Whether the sign-in that has just ended brought nothing. */
  signInFailed: boolean;
  /** A token to send, or undefined when nobody is signed in. */
  token(): string | undefined;
  /** Tries for a fresh token without asking the user; false when they must sign in again. */
  renew(): Promise<boolean>;
  /** Leaves for the sign-in page and comes back to the same view. */
  signIn(): Promise<void>;
  signOut(): Promise<void>;
}

/** The claims of a token that the page shows or acts on. The API judges them; this only reads. */
export interface Claims {
  account: string;
  subject: string;
  canWrite: boolean;
}

export function readClaims(token: string, names: ClaimNames): Claims {
  const claims = payloadOf(token);
  const account = claims[names.account];
  const given = claims[names.scope];
  // Some providers list scopes as an array.
  const scopes: unknown[] = Array.isArray(given) ? given : typeof given === 'string' ? given.split(' ') : [];
  // Some put the resource server's name before each (`campaigns/admin:write`).
  const canWrite = scopes.some((scope) => typeof scope === 'string' && scope.split('/').at(-1) === 'admin:write');
  return {
    account: typeof account === 'string' ? account : '',
    subject: typeof claims.sub === 'string' ? claims.sub : '',
    canWrite,
  };
}

/** What a JSON Web Token says; nothing when the text is none. */
export function payloadOf(token: string): Record<string, unknown> {
  try {
    const payload = token.split('.')[1] ?? '';
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const said: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
