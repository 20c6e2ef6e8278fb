/** Who is signed in, and the token that says so. */
export interface Session {
  mode: 'local' | 'oidc';
  /** Base of the API. */
  apiUrl: string;
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
  canWrite: boolean;
}

export function readClaims(token: string): Claims {
  try {
    const payload = token.split('.')[1] ?? '';
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const scope = typeof claims.scope === 'string' ? claims.scope.split(' ') : [];
    return {
      account: typeof claims.account === 'string' ? claims.account : '',
      canWrite: scope.includes('admin:write'),
    };
  } catch {
    return { account: '', canWrite: false };
  }
}
