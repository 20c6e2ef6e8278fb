import type { Figures, Metrics } from '../api/types';

type Funnel = Metrics['funnel'];

/** A step on the way from a cart to a purchase. */
export interface CartStep {
  id: 'carts' | 'eligible' | 'accepted' | 'delivered' | 'read' | 'clicked' | 'bought';
  count: number;
  ofCarts: number | undefined;
  /** Of the step before; not of purchases, which need no click (assisted ones have none). */
  ofBefore: number | undefined;
}

const ratio = (part: number, whole: number): number | undefined => (whole > 0 ? part / whole : undefined);

/** From carts that the system decided of to the purchases that its reminders brought. */
export function cartFunnelOf({ carts, reminded, accepted }: Funnel, figures: Figures): CartStep[] {
  const counts: [CartStep['id'], number][] = [
    ['carts', carts],
    ['eligible', reminded],
    ['accepted', accepted],
    ['delivered', figures.delivered],
    ['read', figures.read],
    ['clicked', figures.uniqueClicks],
    ['bought', figures.conversions.total],
  ];
  return counts.map(([id, count], at) => ({
    id,
    count,
    ofCarts: id === 'carts' ? undefined : ratio(count, carts),
    ofBefore: id === 'carts' || id === 'bought' ? undefined : ratio(count, counts[at - 1]?.[1] ?? 0),
  }));
}

/** Whether messages of other senders are among those that were delivered, read and clicked. */
export const hasOthers = ({ accepted }: Funnel, { sent }: Figures): boolean => sent > accepted;
