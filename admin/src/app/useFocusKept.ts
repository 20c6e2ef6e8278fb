import { useEffect } from 'react';
import { OVERLAYS_ID } from './overlays';

/** Frames without a dialog after which nobody else will move the focus. */
const CALM_FRAMES = 6;

/** What comes and goes over the page: the focus is only a guest there. */
const OVER_THE_PAGE = `#${OVERLAYS_ID}, .toasts`;
const DIALOG = '.dialog, .range-dialog';

/**
 * Gives the focus a place when what had it goes away (a row that left the list, a button that did its work): back
 * to where it was before, else to the heading of its section, else to the content. Without one the keyboard would
 * start over at the top of the page.
 */
export function useFocusKept(): void {
  useEffect(() => {
    let holder: Element | undefined;
    let place: HTMLElement | undefined;
    let section: Element | null = null;
    let frame = 0;
    let calm = 0;

    const onFocusIn = ({ target }: FocusEvent): void => {
      if (!(target instanceof HTMLElement)) return;
      holder = target;
      if (target.closest(OVER_THE_PAGE)) return;
      place = target;
      section = target.closest('section');
    };
    // A reader who leaves what is still there (by a click beside it) doesn't want the focus back.
    const onFocusOut = (): void => {
      requestAnimationFrame(() => {
        if (isLost() && holder?.isConnected) holder = undefined;
      });
    };
    const giveBack = (): void => {
      frame = 0;
      if (!isLost()) return;
      calm = document.querySelector(DIALOG) ? 0 : calm + 1;
      if (calm < CALM_FRAMES) {
        frame = requestAnimationFrame(giveBack);
        return;
      }
      const heading = section?.isConnected ? section.querySelector<HTMLElement>('h2[tabindex]') : undefined;
      (place?.isConnected ? place : (heading ?? document.getElementById('main')))?.focus();
    };
    const observer = new MutationObserver(() => {
      if (!holder || holder.isConnected || frame !== 0) return;
      calm = 0;
      frame = requestAnimationFrame(giveBack);
    });

    document.addEventListener('focusin', onFocusIn);
    document.addEventListener('focusout', onFocusOut);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', onFocusIn);
      document.removeEventListener('focusout', onFocusOut);
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, []);
}

const isLost = (): boolean => document.activeElement === document.body || document.activeElement === null;
