import { useEffect } from 'react';

/** Gives the focus to the heading that the address names, when the view that has it opens. */
export function useArrival(): void {
  useEffect(() => document.getElementById(window.location.hash.slice(1))?.focus(), []);
}
