import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  discoveryRequest,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  None,
  processAuthorizationCodeResponse,
  processDiscoveryResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  validateAuthResponse,
  type AuthorizationServer,
  type Client,
  type TokenEndpointResponse,
} from 'oauth4webapi';
import type { OidcConfig } from '../config';

/** What the token endpoint gives. */
export interface Tokens {
  accessToken: string;
  idToken: string | undefined;
  refreshToken: string | undefined;
}

/** What this tab asked for, and what its answer must fit. */
export interface Question {
  state: string;
  nonce: string;
  verifier: string;
}

/** An OpenID provider, to which the page is a public client: no secret, but a proof key. */
export interface Provider {
  server: AuthorizationServer;
  /** A new question, and the proof key's challenge that goes along with it. */
  ask: () => Promise<{ question: Question; challenge: string }>;
  /** The tokens for a code, if the answer in the address is the one to the question; anything else is an error. */
  exchange: (address: URL, question: Question, redirectUri: string) => Promise<Tokens>;
  renew: (refreshToken: string) => Promise<Tokens>;
}

const tokensOf = (given: TokenEndpointResponse): Tokens => ({
  accessToken: given.access_token,
  idToken: given.id_token,
  refreshToken: given.refresh_token,
});

/** A provider on this machine, for tests and trials: only to it the page talks without TLS. */
const isLocal = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && ['localhost', '127.0.0.1'].includes(hostname);

export async function discover(config: OidcConfig): Promise<Provider> {
  const issuer = new URL(config.issuer);
  const options = { [allowInsecureRequests]: isLocal(issuer) };
  const server = await processDiscoveryResponse(issuer, await discoveryRequest(issuer, options));
  const client: Client = { client_id: config.clientId };
  const isOpenId = config.scope.split(' ').includes('openid');
  return {
    server,
    ask: async () => {
      const question = {
        state: generateRandomState(),
        nonce: generateRandomNonce(),
        verifier: generateRandomCodeVerifier(),
      };
      return { question, challenge: await calculatePKCECodeChallenge(question.verifier) };
    },
    exchange: async (address, { state, nonce, verifier }, redirectUri) => {
      const answer = validateAuthResponse(server, client, address, state);
      const response = await authorizationCodeGrantRequest(
        server,
        client,
        None(),
        answer,
        redirectUri,
        verifier,
        options,
      );
      // The ID token ties the answer to this tab's question; without the scope there is none.
      const wanted = isOpenId ? { expectedNonce: nonce, requireIdToken: true } : {};
      return tokensOf(await processAuthorizationCodeResponse(server, client, response, wanted));
    },
    renew: async (refreshToken) => {
      const response = await refreshTokenGrantRequest(server, client, None(), refreshToken, options);
      return tokensOf(await processRefreshTokenResponse(server, client, response));
    },
  };
}
