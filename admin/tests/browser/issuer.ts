import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT_ID = 'campaigns-page';

interface Asked {
  challenge: string;
  nonce: string;
  redirectUri: string;
}

/**
 * A small stand-in for an OpenID provider, at an origin of its own: authorization code with PKCE for a public
 * client, refresh, sign-out. It refuses what a provider refuses; the fields below make it misbehave.
 */
export class Issuer {
  /** What the next sign-ins answer, the last of them for ever: an access token, and whether it may be renewed. */
  tokens: { access: string; renewable: boolean }[] = [];
  /** The token that a renewal brings. */
  renewed = '';
  /** Replaces the state or the nonce that the page chose. */
  forged: { state?: string; nonce?: string } = {};
  /** Ends the sign-in with an error, as when the user declines. */
  declines = false;
  /** Shows a form and answers nothing, as long as the user does nothing. */
  asks = false;
  /** The grants that the token endpoint was asked for. */
  readonly grants: string[] = [];
  /** The ID tokens that came with a sign-out. */
  readonly signedOut: string[] = [];

  private readonly codes = new Map<string, Asked>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await new Promise<void>((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    // The page calls from another origin.
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        json(response, 200, {
          issuer: this.url,
          authorization_endpoint: `${this.url}/authorize`,
          token_endpoint: `${this.url}/token`,
          end_session_endpoint: `${this.url}/logout`,
        });
        break;
      case '/authorize':
        if (this.asks) response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Who are you?</h1>');
        else redirect(response, this.authorize(url.searchParams));
        break;
      case '/token': {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const answered = this.grant(new URLSearchParams(body));
        json(response, answered ? 200 : 400, answered ?? { error: 'invalid_grant' });
        break;
      }
      case '/logout':
        this.signedOut.push(url.searchParams.get('id_token_hint') ?? '');
        redirect(response, url.searchParams.get('post_logout_redirect_uri') ?? '');
        break;
      default:
        json(response, 404, {});
    }
  }

  private authorize(query: URLSearchParams): string {
    const given = (name: string): string => query.get(name) ?? '';
    const right =
      given('response_type') === 'code' &&
      given('client_id') === CLIENT_ID &&
      given('code_challenge_method') === 'S256' &&
      given('scope').split(' ').includes('openid') &&
      given('state') !== '' &&
      given('nonce') !== '';
    const back = new URL(given('redirect_uri'));
    back.searchParams.set('state', this.forged.state ?? given('state'));
    back.searchParams.set('iss', this.url);
    if (!right || this.declines) {
      back.searchParams.set('error', right ? 'access_denied' : 'invalid_request');
      return back.href;
    }
    const code = randomUUID();
    this.codes.set(code, {
      challenge: given('code_challenge'),
      nonce: given('nonce'),
      redirectUri: given('redirect_uri'),
    });
    back.searchParams.set('code', code);
    return back.href;
  }

  private grant(form: URLSearchParams): object | undefined {
    const kind = form.get('grant_type') ?? '';
    this.grants.push(kind);
    if (kind === 'refresh_token') {
      return form.get('refresh_token') === 'good' ? { access_token: this.renewed, token_type: 'Bearer' } : undefined;
    }
    const code = form.get('code') ?? '';
    const asked = this.codes.get(code);
    // A code is good once.
    this.codes.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!asked || asked.challenge !== challenge || asked.redirectUri !== form.get('redirect_uri')) return undefined;
    const next = this.tokens.length > 1 ? this.tokens.shift() : this.tokens[0];
    return {
      access_token: next?.access,
      token_type: 'Bearer',
      id_token: this.idToken(this.forged.nonce ?? asked.nonce),
      ...(next?.renewable ? { refresh_token: 'good' } : {}),
    };
  }

  private idToken(nonce: string): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: this.url, aud: CLIENT_ID, sub: 'ana', iat, exp: iat + 3600, nonce };
    return `${part({ alg: 'RS256' })}.${part(claims)}.x`;
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end();
}
