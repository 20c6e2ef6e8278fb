import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApi, unwrap } from '../../src/api/client';
import { ApiProblem } from '../../src/api/problem';
import type { Session } from '../../src/session/session';

const sessionWith = (tokens: string[]): Session => {
  const [first = ''] = tokens;
  let token = first;
  return {
    mode: 'local',
    apiUrl: 'https://api.example',
    claims: { account: 'account', scope: 'scope' },
    signInFailed: false,
    token: () => token,
    renew: () => {
      const [, next] = tokens;
      if (next) token = next;
      return Promise.resolve(next !== undefined);
    },
    signIn: () => Promise.resolve(),
    signOut: () => Promise.resolve(),
  };
};

const sent = (): string[] =>
  vi.mocked(globalThis.fetch).mock.calls.map(([request]) => (request as Request).headers.get('authorization') ?? '');

afterEach(() => vi.restoreAllMocks());

describe('the API client', () => {
  it('renews the token once and repeats the request', async () => {
    vi.spyOn(globalThis, 'fetch').mockImplementation((request) =>
      Promise.resolve(
        (request as Request).headers.get('authorization') === 'Bearer new'
          ? Response.json({ items: [] })
          : Response.json({ message: 'Unauthorized' }, { status: 401 }),
      ),
    );
    const expired = vi.fn();
    const api = createApi(sessionWith(['old', 'new']), expired);
    await expect(unwrap(api.GET('/campaigns'))).resolves.toEqual({ items: [] });
    expect(sent()).toEqual(['Bearer old', 'Bearer new']);
    expect(expired).not.toHaveBeenCalled();
  });

  it('takes the renewal that came while a request was under way', async () => {
    let answerSlow: (answer: Response) => void = () => undefined;
    const slowAnswer = new Promise<Response>((resolve) => (answerSlow = resolve));
    const refused = (): Response => Response.json({ message: 'Unauthorized' }, { status: 401 });
    vi.spyOn(globalThis, 'fetch').mockImplementation((input) => {
      const request = input as Request;
      if (request.headers.get('authorization') === 'Bearer new') return Promise.resolve(Response.json({ items: [] }));
      return request.url.endsWith('/report-schedules') ? slowAnswer : Promise.resolve(refused());
    });
    const session = sessionWith(['old', 'new']);
    const renew = vi.spyOn(session, 'renew');
    const api = createApi(session, vi.fn());
    const slow = unwrap(api.GET('/report-schedules'));
    await unwrap(api.GET('/campaigns'));
    answerSlow(refused());
    await expect(slow).resolves.toEqual({ items: [] });
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it('repeats a request with its body', async () => {
    const bodies: string[] = [];
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (request) => {
      bodies.push(await (request as Request).text());
      return bodies.length === 1
        ? Response.json({}, { status: 401 })
        : Response.json({ campaignId: 'c' }, { status: 201 });
    });
    const api = createApi(sessionWith(['old', 'new']), vi.fn());
    await unwrap(api.POST('/campaigns', { body: { name: 'A', language: 'es', messageType: 'text' } }));
    expect(bodies).toEqual(Array(2).fill('{"name":"A","language":"es","messageType":"text"}'));
  });

  it('tells when nobody is signed in any more', async () => {
    vi.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(Response.json({}, { status: 401 })));
    const expired = vi.fn();
    const api = createApi(sessionWith(['old']), expired);
    await expect(unwrap(api.GET('/campaigns'))).rejects.toMatchObject({ status: 401 });
    expect(expired).toHaveBeenCalledOnce();
  });

  it('makes one kind of error of problems, of bare answers and of silence', async () => {
    const api = createApi(sessionWith(['t']), vi.fn());
    const answers = [
      () => Promise.resolve(Response.json({ code: 'range-too-old', status: 422, field: 'from' }, { status: 422 })),
      () => Promise.resolve(new Response('<html>', { status: 502 })),
      () => Promise.reject(new TypeError('failed to fetch')),
    ];
    const caught: unknown[] = [];
    for (const answer of answers) {
      vi.spyOn(globalThis, 'fetch').mockImplementation(answer);
      await unwrap(api.GET('/campaigns')).catch((error: unknown) => caught.push(error));
    }
    expect(caught).toMatchObject([
      { status: 422, code: 'range-too-old', field: 'from' },
      { status: 502, code: 'unknown' },
      { status: 0, code: 'network' },
    ]);
    expect(caught.map((error) => (error as ApiProblem).retryable)).toEqual([false, true, true]);
  });
});
