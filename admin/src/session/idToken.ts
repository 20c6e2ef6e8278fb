import type { OidcConfig } from '../config';
import { payloadOf } from './session';

/** How far the provider's clock and ours may differ. */
const SKEW_SECS = 60;

/**
 * Refuses an ID token that isn't the answer to our question (OpenID Connect Core 3.1.3.7). It came from the token
 * endpoint over TLS, which stands for its signature (item 6 there).
 */
export function checkIdToken(token: string | undefined, config: OidcConfig, nonce: string): void {
  const { iss, aud, azp, exp, nonce: answered } = payloadOf(token ?? '');
  const audience: unknown[] = Array.isArray(aud) ? aud : [aud];
  const ours =
    iss === config.issuer &&
    audience.includes(config.clientId) &&
    (azp === undefined || azp === config.clientId) &&
    typeof exp === 'number' &&
    exp > Date.now() / 1000 - SKEW_SECS &&
    answered === nonce;
  if (!ours) throw new Error('id token: not the answer to this sign-in');
}
