import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onHostLocale } from '../../src/frame/host';
import { answerFrom, isPopupAnswer } from '../../src/session/popup';

const ORIGIN = window.location.origin;
const popup = { closed: false } as Window & { closed: boolean };

/** A message as a browser delivers it: jsdom leaves out where it comes from. */
function deliver(source: unknown, origin: string, data: unknown): void {
  const event = new MessageEvent('message', { data, origin });
  Object.defineProperty(event, 'source', { value: source });
  window.dispatchEvent(event);
}

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(popup, { closed: false });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  window.name = '';
  window.history.replaceState(null, '', '/');
});

const answer = (search: string) => ({ type: 'campaigns:answer', search });

describe('the answer of a sign-in’s window', () => {
  it('is taken from that window at this origin alone', async () => {
    const taken = answerFrom(popup);
    deliver(window, ORIGIN, answer('?code=another-window'));
    deliver(popup, 'https://evil.example', answer('?code=another-origin'));
    deliver(popup, ORIGIN, { type: 'other', search: '?code=another-message' });
    deliver(popup, ORIGIN, 'nothing');
    deliver(popup, ORIGIN, null);
    deliver(popup, ORIGIN, answer('?code=right'));
    expect(await taken).toBe('?code=right');
  });

  it('is none when the window was closed', async () => {
    const taken = answerFrom(popup);
    Object.assign(popup, { closed: true });
    vi.advanceTimersByTime(1_000);
    expect(await taken).toBeUndefined();
  });

  it('is given to whoever opened the window, if that is this origin, and to nobody else', () => {
    const opener = { postMessage: vi.fn() };
    const close = vi.fn();
    vi.stubGlobal('close', close);
    vi.stubGlobal('opener', opener);
    window.history.replaceState(null, '', '/?code=abc&state=s');
    expect(isPopupAnswer(), 'a window that somebody else opened').toBe(false);
    window.name = 'campaigns-sign-in';
    expect(isPopupAnswer()).toBe(true);
    expect(opener.postMessage.mock.calls).toEqual([[answer('?code=abc&state=s'), ORIGIN]]);
    expect(close).toHaveBeenCalledOnce();
    vi.stubGlobal('opener', null);
    expect(isPopupAnswer(), 'a window cut off from its opener').toBe(false);
  });
});

describe('the host’s language', () => {
  it('is heard from the host alone', () => {
    const parent = {};
    vi.stubGlobal('parent', parent);
    vi.spyOn(document, 'referrer', 'get').mockReturnValue('https://loja.myvtex.com/admin');
    const follow = vi.fn();
    onHostLocale(follow);
    const locale = { type: 'campaigns:locale', locale: 'es' };
    deliver(window, 'https://loja.myvtex.com', locale);
    deliver(parent, 'https://evil.example', locale);
    deliver(parent, 'https://loja.myvtex.com', { type: 'campaigns:locale', locale: 7 });
    expect(follow).not.toHaveBeenCalled();
    deliver(parent, 'https://loja.myvtex.com', locale);
    expect(follow).toHaveBeenCalledWith('es');
  });
});
