/**
 * What this browser keeps for the page, or nothing: a frame may be refused any storage, and then all lasts as long as
 * the frame.
 */
export function stored<T>(kind: 'localStorage' | 'sessionStorage', take: (storage: Storage) => T): T | undefined {
  try {
    return take(window[kind]);
  } catch {
    return undefined;
  }
}
