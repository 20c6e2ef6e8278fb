import { useCallback, useState, type RefCallback } from 'react';

/** Whether any of an element is in sight; taken to be where the browser can't tell. */
export function useOnScreen<T extends Element>(): [RefCallback<T>, boolean] {
  const [isOnScreen, setOnScreen] = useState(true);
  const ref = useCallback((element: T | null) => {
    if (!element || typeof IntersectionObserver === 'undefined') return;
    const observer = new IntersectionObserver((entries) => setOnScreen(entries.at(-1)?.isIntersecting ?? true));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, isOnScreen];
}
