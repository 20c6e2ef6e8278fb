import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseConfig, type OidcConfig } from '../../src/config';
import { openOidcSession } from '../../src/session/oidcSession';

const config = parseConfig({ mode: 'oidc', issuer: 'https://id.example', clientId: 'page' }) as OidcConfig;
const discovery = {
  issuer: 'https://id.example',
  authorization_endpoint: 'https://id.example/authorize',
  token_endpoint: 'https://id.example/token',
  end_session_endpoint: 'https://id.example/logout',
};

const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const idToken = (claims: object): string => `${part({ alg: 'RS256' })}.${part(claims)}.x`;
/** An ID token that answers the sign-in under way, but for some claims. */
const answering = (url: URL, others: object = {}): string =>
  idToken({
    iss: config.issuer,
    aud: 'page',
    sub: 'ana',
    iat: inAnHour() - 3600,
    exp: inAnHour(),
    nonce: url.searchParams.get('nonce'),
    ...others,
  });

const left: URL[] = [];
const asked: URLSearchParams[] = [];
let answer: (form: URLSearchParams) => Response = () =>
  Response.json({ token_type: 'Bearer', access_token: 'first', refresh_token: 'r1' });

beforeEach(async () => {
  left.length = 0;
  asked.length = 0;
  sessionStorage.clear();
  window.history.replaceState(null, '', '/?range=last30&campaign=c1');
  // jsdom can't leave a page: what it would leave for is written down.
  const { location } = window;
  const get = (_: object, name: string): unknown =>
    name === 'assign' ? (url: URL) => left.push(url) : Reflect.get(location, name);
  vi.stubGlobal('location', new Proxy({}, { get }));
  // jsdom's own, of which what Node's cryptography answers is no instance.
  vi.stubGlobal('ArrayBuffer', (await crypto.subtle.digest('SHA-256', new Uint8Array())).constructor);
  vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (url.endsWith('/.well-known/openid-configuration')) return Promise.resolve(Response.json(discovery));
    const form = init?.body as URLSearchParams;
    asked.push(form);
    return Promise.resolve(answer(form));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  answer = () => Response.json({ token_type: 'Bearer', access_token: 'first', refresh_token: 'r1' });
});

async function leave(): Promise<URL> {
  const session = await openOidcSession(config);
  expect(session.token()).toBeUndefined();
  await session.signIn();
  const url = left[0];
  if (!url) throw new Error('did not leave');
  return url;
}

describe('the OpenID session', () => {
  it('leaves with a code challenge and comes back to the same view', async () => {
    const url = await leave();
    const sent = url.searchParams;
    expect(url.origin + url.pathname).toBe('https://id.example/authorize');
    expect(sent.get('response_type')).toBe('code');
    expect(sent.get('code_challenge_method')).toBe('S256');
    answer = () => Response.json({ token_type: 'Bearer', access_token: 'first', id_token: answering(url) });

    window.history.replaceState(null, '', `/?code=abc&state=${sent.get('state') ?? ''}&iss=https%3A%2F%2Fid.example`);
    const session = await openOidcSession(config);
    expect(session.token()).toBe('first');
    expect(session.signInFailed).toBe(false);
    expect(window.location.search).toBe('?range=last30&campaign=c1');
    const verifier = asked[0]?.get('code_verifier') ?? '';
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(sent.get('code_challenge'));
    expect(asked[0]?.get('redirect_uri')).toBe(sent.get('redirect_uri'));
  });

  it.each([
    ['another state', 'code=abc&state=forged'],
    ['another issuer', 'code=abc&state=STATE&iss=https%3A%2F%2Fevil.example'],
    ['an error', 'error=access_denied&state=STATE'],
  ])('takes no token for %s, and leaves no code in the address', async (_, query) => {
    const state = (await leave()).searchParams.get('state') ?? '';
    window.history.replaceState(null, '', `/?${query.replace('STATE', state)}`);
    const session = await openOidcSession(config);
    expect(session.token()).toBeUndefined();
    expect(session.signInFailed).toBe(true);
    expect(asked).toEqual([]);
    expect(window.location.search).not.toContain('code');
  });

  it.each([
    ['another sign-in', { nonce: 'other' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['another client', { aud: ['other'] }],
    ['another party', { aud: ['page', 'other'], azp: 'other' }],
    ['an earlier day', { exp: inAnHour() - 86_400 }],
  ])('takes no token beside an ID token of %s', async (_, claims) => {
    const url = await leave();
    answer = () => Response.json({ token_type: 'Bearer', access_token: 'first', id_token: answering(url, claims) });
    window.history.replaceState(null, '', `/?code=abc&state=${url.searchParams.get('state') ?? ''}`);
    const session = await openOidcSession(config);
    expect([session.token(), session.signInFailed]).toEqual([undefined, true]);
  });

  it('takes no token without an ID token, unless none was asked for', async () => {
    const { searchParams } = await leave();
    window.history.replaceState(null, '', `/?code=abc&state=${searchParams.get('state') ?? ''}`);
    expect((await openOidcSession(config)).signInFailed).toBe(true);

    const plain = { ...config, scope: 'admin:read' };
    await (await openOidcSession(plain)).signIn();
    window.history.replaceState(null, '', `/?code=abc&state=${left[1]?.searchParams.get('state') ?? ''}`);
    expect((await openOidcSession(plain)).token()).toBe('first');
  });

  it('renews once for requests that fail together, and keeps an unrotated refresh token', async () => {
    sessionStorage.setItem('campaigns.tokens', JSON.stringify({ accessToken: 'old', refreshToken: 'r1' }));
    answer = () => Response.json({ token_type: 'Bearer', access_token: 'second' });
    const session = await openOidcSession(config);
    expect(await Promise.all([session.renew(), session.renew()])).toEqual([true, true]);
    expect(asked).toHaveLength(1);
    expect(session.token()).toBe('second');
    expect(await session.renew()).toBe(true);
    expect(asked[1]?.get('refresh_token')).toBe('r1');
  });

  it('asks to sign in again when the provider refuses to renew', async () => {
    sessionStorage.setItem('campaigns.tokens', JSON.stringify({ accessToken: 'old', refreshToken: 'r1' }));
    answer = () => new Response('', { status: 400 });
    const session = await openOidcSession(config);
    expect(await session.renew()).toBe(false);
  });

  it('refuses a discovery document of another issuer', async () => {
    vi.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json({ ...discovery, issuer: 'https://evil.example' }));
    const session = await openOidcSession(config);
    await expect(session.signIn()).rejects.toThrow('issuer');
  });

  it('forgets its tokens on the way out', async () => {
    sessionStorage.setItem('campaigns.tokens', JSON.stringify({ accessToken: 'old', idToken: 'id' }));
    const session = await openOidcSession(config);
    await session.signOut();
    expect(session.token()).toBeUndefined();
    expect(sessionStorage.getItem('campaigns.tokens')).toBeNull();
    expect(left[0]?.searchParams.get('id_token_hint')).toBe('id');
  });
});
