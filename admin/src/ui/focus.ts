import { useLayoutEffect, useRef, type RefObject } from 'react';

/** While one is open, the focus is its business. */
const DIALOG = '.dialog, .range-dialog';
/** What stands over the page: react-aria gives the focus back from there, and the dialogs' host where that can't. */
const OVER_THE_PAGE = `${DIALOG}, .popover, .toasts`;

const isLost = (): boolean => document.activeElement === document.body || document.activeElement === null;

/**
 * Gives the focus a place when what had it is gone: the heading of its section, else the content. Without one the
 * keyboard would start over at the top of the page. Where react-aria gives the focus back by itself, as it does a
 * frame after a dialog or menu is closed, it stays there.
 */
export function passFocusOn(section: Element | null): void {
  const give = (): void => {
    if (!isLost() || document.querySelector(DIALOG)) return;
    const heading = section?.isConnected ? section.querySelector<HTMLElement>('h2[tabindex]') : undefined;
    // The content begins below the page's head, which need not be scrolled away for it.
    if (heading) heading.focus();
    else document.getElementById('main')?.focus({ preventScroll: true });
  };
  requestAnimationFrame(() => requestAnimationFrame(give));
}

/** For what can go away while it has the focus: a button that did its work, the menu of a row that left its list. */
export function useFocusPassedOn<T extends HTMLElement>(): RefObject<T | null> {
  const ref = useRef<T>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || element.closest(OVER_THE_PAGE)) return;
    const section = element.closest('section');
    return () => {
      if (element.contains(document.activeElement)) passFocusOn(section);
    };
  }, []);
  return ref;
}
