import createClient, { type Client } from 'openapi-fetch';
import type { Session } from '../session/session';
import { ApiProblem, problemOf } from './problem';
import type { paths } from './schema';

export type Api = Client<paths>;

/**
 * The API of the signed-in account. An answer 401 is tried once more with a renewed token; when that fails
 * too, `onExpired` is told.
 */
export function createApi(session: Session, onExpired: () => void): Api {
  const send = async (request: Request): Promise<Response> => {
    const authorized = (original: Request): Request => {
      const copy = original.clone();
      copy.headers.set('Authorization', `Bearer ${session.token() ?? ''}`);
      return copy;
    };
    const token = session.token();
    const first = await reach(authorized(request));
    if (first.status !== 401) return first;
    // Another request's answer may have brought the renewal while this one was under way.
    if (session.token() !== token || (await session.renew())) {
      const second = await reach(authorized(request));
      if (second.status !== 401) return second;
    }
    onExpired();
    return first;
  };
  return createClient<paths>({ baseUrl: session.apiUrl || window.location.origin, fetch: send });
}

async function reach(request: Request): Promise<Response> {
  try {
    return await globalThis.fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new ApiProblem(0, 'network');
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer; throws an `ApiProblem` for anything but success. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw problemOf(response.status, error);
  return data as T;
}
