import { useEffect, useRef, type RefObject } from 'react';

/**
 * Gives a place to the focus when the row that had it is gone (paused out of the filter, deleted): without one
 * the keyboard would start over at the top of the page. Put the ref on the list's heading, `tabIndex={-1}`.
 */
export function useFocusKept(ids: readonly string[]): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(ids);
  const key = ids.join(' ');
  useEffect(() => {
    const now = key === '' ? [] : key.split(' ');
    const lost = before.current.some((id) => !now.includes(id));
    before.current = now;
    if (!lost) return;
    // After the dialog, if one is closing, has given the focus back.
    const timer = setTimeout(() => {
      if (document.activeElement === document.body) heading.current?.focus();
    }, 100);
    return () => clearTimeout(timer);
  }, [key]);
  return heading;
}
