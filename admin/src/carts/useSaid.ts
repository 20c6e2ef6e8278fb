import { useWhen } from '../app/useWhen';
import { useFormat } from '../i18n/useFormat';
import { decidingStep } from './gate';
import { reasonText } from './reasons';
import { inSentence, useReasonText } from './reasonTexts';
import type { Cart, Decision } from './types';

/** What became of a cart and when, or what it waits for and until when: one sentence, as of the instant in which it was read. */
export function useSaid(): (cart: Cart, readAt: number) => string {
  const { t } = useFormat();
  const when = useWhen();
  const reasonOf = useReasonText();

  const waits = (cart: Cart, readAt: number): string => {
    const { dueAt } = cart;
    // One that is due is looked at by the schedule's next run.
    const isDue = !dueAt || new Date(dueAt).getTime() <= readAt;
    const next = isDue ? t('carts.next.soon') : t('carts.next.at', { at: when(dueAt) });
    const why = whyWaiting(cart);
    return why ? t('carts.said.waitsFor', { why, next }) : t('carts.said.waits', { next });
  };

  const whyWaiting = ({ gate, heldBy, decision }: Cart): string | undefined => {
    const step = gate ? decidingStep(gate) : undefined;
    // A message that Meta didn't take, and that may go out later; unless something else holds it by now.
    if (decision?.send && !step && !heldBy) return t('carts.waits.again');
    if (step?.finding === 'waits') return t('carts.waits.away');
    if (step?.finding === 'ends' && step.reason)
      return t('carts.waits.ends', { reason: inSentence(t(reasonText(step.reason))) });
    if (gate && !step) return t('carts.waits.ready');
    const reason = step?.reason ?? heldBy;
    return reason ? inSentence(t(reasonText(reason))) : undefined;
  };

  const decided = (decision: Decision): string => {
    const at = when(decision.decidedAt);
    const reason = reasonOf(decision);
    if (decision.outcome === 'heldOut') return t('carts.said.heldOut', { at });
    if (decision.outcome === 'skipped')
      return t('carts.said.skipped', { at, reason: inSentence(reason ?? t('carts.reason.other')) });
    if (decision.send === 'rejected' && reason) return t('carts.said.rejectedFor', { at, reason: inSentence(reason) });
    return t(`carts.said.${decision.send ?? 'accepted'}`, { at });
  };

  return (cart, readAt) => {
    if (cart.state === 'waiting') return waits(cart, readAt);
    if (cart.decision) return decided(cart.decision);
    return t(cart.state === 'sending' ? 'carts.said.claimed' : 'carts.said.gone');
  };
}
