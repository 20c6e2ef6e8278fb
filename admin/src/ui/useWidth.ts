import { useCallback, useState, type RefCallback } from 'react';

/** What is drawn before the first measurement. */
const FIRST_WIDTH = 640;

/** The width of an element, kept up to date. */
export function useWidth<T extends HTMLElement>(): [RefCallback<T>, number] {
  const [width, setWidth] = useState(FIRST_WIDTH);
  const ref = useCallback((element: T | null) => {
    if (!element) return;
    setWidth(element.clientWidth || FIRST_WIDTH);
    if (typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
