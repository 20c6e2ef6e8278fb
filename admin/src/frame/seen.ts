import { isFramed } from './host';

/**
 * Writes down which part of a frame is in sight (`--seen-top`, `--seen-height`), for what opens over the page: a frame
 * as high as its page is much higher than the window around it, and what stands in the middle of the one may be far
 * out of the other. Only the browser knows, and it tells where an observed element is in sight.
 */
export function measureSeen(): void {
  if (!isFramed()) return;
  const root = document.documentElement;
  const observer = new IntersectionObserver(([entry]) => {
    observer.disconnect();
    if (!entry) return;
    const { top, height } = entry.intersectionRect;
    if (height === 0) return;
    root.style.setProperty('--seen-top', `${Math.max(0, top)}px`);
    root.style.setProperty('--seen-height', `${Math.min(height, window.innerHeight)}px`);
  });
  observer.observe(root);
}
