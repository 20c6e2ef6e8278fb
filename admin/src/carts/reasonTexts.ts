import { useFormat } from '../i18n/useFormat';
import { reasonText } from './reasons';
import type { Decision } from './types';

/** Why there was no reminder; of a cart that waited too long also what it waited for. */
export function useReasonText(): (of: Pick<Decision, 'reason' | 'heldBy'>) => string | undefined {
  const { t } = useFormat();
  return ({ reason, heldBy }) =>
    reason ? t(reasonText(reason)) + (heldBy ? ` – ${inSentence(t(reasonText(heldBy)))}` : '') : undefined;
}

/** A text that begins a line, as it goes on after a colon. Names stay as they are written. */
export const inSentence = (text: string): string =>
  /^(?:VTEX|Meta)\b/.test(text) ? text : text.charAt(0).toLocaleLowerCase() + text.slice(1);
