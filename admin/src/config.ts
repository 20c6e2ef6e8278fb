/** What the page is told at run time by `/config.json`, so that one build serves every environment. */
export type Config = LocalConfig | OidcConfig;

/** The local stack, which hands out tokens by itself. */
export interface LocalConfig {
  mode: 'local';
}

/** A cloud: tokens come from an OpenID provider. */
export interface OidcConfig {
  mode: 'oidc';
  /** The issuer whose discovery document names the endpoints. */
  issuer: string;
  clientId: string;
  /** Space-separated; must bring a token that names the store and what may be done. */
  scope: string;
  /** Base of the API without a trailing slash; empty for the page's own origin. */
  apiUrl: string;
  /** Sent to the authorization endpoint as `audience`, where the provider wants one. */
  audience?: string;
  /** What the provider calls the claims that the page reads; the API is told the same. */
  claims: ClaimNames;
}

export interface ClaimNames {
  /** Names the store. */
  account: string;
  /** Lists what the token may do. */
  scope: string;
}

export const USUAL_CLAIMS: ClaimNames = { account: 'account', scope: 'scope' };

const DEFAULT_SCOPE = 'openid admin:read admin:write';

export function parseConfig(value: unknown): Config {
  const given = (value ?? {}) as Record<string, unknown>;
  if (given.mode === 'local') return { mode: 'local' };
  if (given.mode === 'oidc' && typeof given.issuer === 'string' && typeof given.clientId === 'string') {
    return {
      mode: 'oidc',
      issuer: given.issuer,
      clientId: given.clientId,
      scope: typeof given.scope === 'string' ? given.scope : DEFAULT_SCOPE,
      apiUrl: typeof given.apiUrl === 'string' ? given.apiUrl.replace(/\/$/, '') : '',
      ...(typeof given.audience === 'string' ? { audience: given.audience } : {}),
      claims: {
        account: typeof given.accountClaim === 'string' ? given.accountClaim : USUAL_CLAIMS.account,
        scope: typeof given.scopeClaim === 'string' ? given.scopeClaim : USUAL_CLAIMS.scope,
      },
    };
  }
  throw new Error('config.json names no known mode');
}

/** Asked as index.html asks for it ahead (same address, mode and headers), so that one request serves both. */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json');
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  return parseConfig(await response.json());
}
