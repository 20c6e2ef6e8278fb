import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cartFunnelOf, hasOthers } from '../../src/carts/cartFunnel';
import { CART_REASONS, reasonText } from '../../src/carts/reasons';
import { figuresWith } from './figures';

describe('reasons', () => {
  it('have words for each that a cart can have', () => {
    const source = readFileSync('../shared/domain/src/facts/decision.rs', 'utf8');
    const variants = /pub enum Reason \{([^}]*)\}/.exec(source)?.[1] ?? '';
    const words = [...variants.matchAll(/^ {4}([A-Z]\w+),$/gm)].map(([, name = '']) =>
      name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase(),
    );
    expect(words.length).toBeGreaterThan(20);
    expect([...CART_REASONS].sort()).toEqual(words.sort());
  });

  it('that are new to the page are another one', () => {
    expect(reasonText('purchased')).toBe('carts.reason.purchased');
    expect(reasonText('of-tomorrow')).toBe('carts.reason.other');
  });
});

describe('the way from a cart to a purchase', () => {
  const funnel = {
    carts: 10,
    skipped: [{ reason: 'purchased', count: 5 }],
    heldOut: 1,
    reminded: 4,
    accepted: 3,
    rejected: 1,
    unknown: 0,
    unconfirmed: 0,
  };

  it('tells each step’s share of the carts and of the step before', () => {
    const figures = figuresWith({ sent: 3, delivered: 3, read: 0, uniqueClicks: 0 });
    const steps = cartFunnelOf(funnel, figures);
    expect(steps.map(({ id, count, ofCarts }) => [id, count, ofCarts])).toEqual([
      ['carts', 10, undefined],
      ['eligible', 4, 0.4],
      ['accepted', 3, 0.3],
      ['delivered', 3, 0.3],
      ['read', 0, 0],
      ['clicked', 0, 0],
      ['bought', 0, 0],
    ]);
    expect(steps.map(({ ofBefore }) => ofBefore)).toEqual([undefined, 0.4, 0.75, 1, 0, undefined, undefined]);
    expect(hasOthers(funnel, figures)).toBe(false);
    expect(hasOthers(funnel, figuresWith({ sent: 4 }))).toBe(true);
  });
});
