/**
 * A provider lets nobody frame its sign-in, and a frame's storage is not that of a window. So a framed page signs in
 * by a window of its own: the provider leads that window back to this page, which gives the answer in its address (a
 * code, of use only with the proof key that never left the frame) to whoever opened it, if that is this origin.
 */
const ANSWER = 'campaigns:answer';
const NAME = 'campaigns-sign-in';
const LOOK_MILLIS = 300;

interface Answer {
  type: typeof ANSWER;
  search: string;
}

/** Opens the window at once, as only a press may do; where it leads can be said later. */
export function openPopup(): Window {
  const popup = window.open('about:blank', NAME, 'popup,width=480,height=680');
  if (!popup) throw new Error('the browser opened no window');
  return popup;
}

/** The answer's query, once the window brings it; nothing when it was closed before. */
export function answerFrom(popup: Window): Promise<string | undefined> {
  return new Promise((resolve) => {
    const end = (search: string | undefined): void => {
      clearInterval(look);
      window.removeEventListener('message', hear);
      resolve(search);
    };
    const hear = ({ source, origin, data }: MessageEvent<Partial<Answer> | null>): void => {
      if (source !== popup || origin !== window.location.origin) return;
      if (data?.type === ANSWER && typeof data.search === 'string') end(data.search);
    };
    // Nothing tells when a window is closed, and what it said before can still be on its way.
    const look = setInterval(() => {
      if (!popup.closed) return;
      clearInterval(look);
      setTimeout(() => end(undefined), LOOK_MILLIS);
    }, LOOK_MILLIS);
    window.addEventListener('message', hear);
  });
}

/** In the window that a frame opened: gives the answer back and closes. False where this is no such window. */
export function isPopupAnswer(): boolean {
  const opener = window.opener as Window | null;
  if (!opener || window.name !== NAME) return false;
  const message: Answer = { type: ANSWER, search: window.location.search };
  opener.postMessage(message, window.location.origin);
  window.close();
  return true;
}
