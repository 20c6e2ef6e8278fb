import type { Gate, GateStep } from './types';

/** The way of a cart, step by step, in the order in which they are judged. */
export const STEPS = [
  'in-time',
  'away',
  'switches',
  'own-facts',
  'form',
  'campaign',
  'template',
  'purchase',
  'phone',
  'consent',
  'worth',
  'cooldown',
  'time',
] as const;

/** The step that decides: the first that doesn't let the cart through. None where all do. */
export const decidingStep = ({ steps }: Gate): GateStep | undefined => steps.find((each) => each.finding !== 'passes');

/** The whole way: each step with what it found, or without where nobody had to look any more. */
export function wayOf(gate: Gate): { name: (typeof STEPS)[number]; found: GateStep | undefined; decides: boolean }[] {
  const deciding = decidingStep(gate);
  return STEPS.map((name) => {
    const found = gate.steps.find(({ step }) => step === name);
    return { name, found, decides: found !== undefined && found === deciding };
  });
}
