import { useFormat, type MessageId } from '../i18n/useFormat';
import { reasonText } from './reasons';
import type { DecidedCart, Decision } from './types';

const outcomes: Record<Decision['outcome'], MessageId> = {
  reminded: 'carts.outcome.reminded',
  skipped: 'carts.outcome.skipped',
  heldOut: 'carts.outcome.heldOut',
};

/** Why there was no reminder; of a cart that waited too long also what it waited for. */
export function useReasonText(): (of: Pick<Decision, 'reason' | 'heldBy'>) => string | undefined {
  const { t } = useFormat();
  return ({ reason, heldBy }) =>
    reason ? t(reasonText(reason)) + (heldBy ? ` – ${inSentence(t(reasonText(heldBy)))}` : '') : undefined;
}

/** What was decided, in words: the outcome, and why, or how far the reminder came. */
export function useOutcomeText(): (decision: DecidedCart) => { outcome: string; detail: string | undefined } {
  const { t } = useFormat();
  const reasonOf = useReasonText();
  return (decision) => {
    const { outcome, send } = decision;
    const reason = reasonOf(decision);
    const came = send ? t(`carts.send.${send}`) : undefined;
    const detail = came && reason ? `${came}: ${inSentence(reason)}` : (came ?? reason);
    return { outcome: t(outcomes[outcome]), detail };
  };
}

/** A text that begins a line, as it goes on after a colon. Names stay as they are written. */
export const inSentence = (text: string): string =>
  /^(?:VTEX|Meta)\b/.test(text) ? text : text.charAt(0).toLocaleLowerCase() + text.slice(1);
