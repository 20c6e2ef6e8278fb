import type { OidcConfig } from '../config';

/** The endpoints of an OpenID provider, from its discovery document. */
export interface Provider {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  endSessionEndpoint: string | undefined;
}

/** What the token endpoint gives. */
export interface Tokens {
  accessToken: string;
  idToken: string | undefined;
  refreshToken: string | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export async function discover(issuer: string): Promise<Provider> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (!response.ok) throw new Error(`discovery: ${response.status}`);
  const found = (await response.json()) as Record<string, unknown>;
  const authorizationEndpoint = text(found.authorization_endpoint);
  const tokenEndpoint = text(found.token_endpoint);
  // OpenID Connect Discovery 4.3: the document must be the issuer's own.
  if (found.issuer !== issuer || !authorizationEndpoint || !tokenEndpoint) throw new Error('discovery: not the issuer');
  return { issuer, authorizationEndpoint, tokenEndpoint, endSessionEndpoint: text(found.end_session_endpoint) };
}

/** Asks the token endpoint; as a public client, without a secret. */
export async function requestTokens(
  provider: Provider,
  config: OidcConfig,
  grant: Record<string, string>,
): Promise<Tokens> {
  const response = await fetch(provider.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({ client_id: config.clientId, ...grant }),
  });
  if (!response.ok) throw new Error(`token: ${response.status}`);
  const given = (await response.json()) as Record<string, unknown>;
  const accessToken = text(given.access_token);
  if (!accessToken) throw new Error('token: none given');
  return { accessToken, idToken: text(given.id_token), refreshToken: text(given.refresh_token) };
}
