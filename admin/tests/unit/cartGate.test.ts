import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isCartId } from '../../src/carts/cartId';
import { cureOf } from '../../src/carts/cures';
import { decidingStep, STEPS, wayOf } from '../../src/carts/gate';
import { CART_REASONS } from '../../src/carts/reasons';
import { inSentence } from '../../src/carts/reasonTexts';
import type { Gate } from '../../src/carts/types';

const gate = (...steps: Gate['steps']): Gate => ({ at: '2026-11-22T12:00:00Z', steps });

describe('a cart’s gate', () => {
  it('has the steps of the code that judges, in its order', () => {
    const source = readFileSync('../shared/domain/src/rules/gate.rs', 'utf8');
    const all = /pub const ALL: \[Self; \d+\] = \[([^\]]*)\]/.exec(source)?.[1] ?? '';
    const words = [...all.matchAll(/Self::([A-Z]\w+)/g)].map(([, name = '']) =>
      name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase(),
    );
    expect(words).toEqual(STEPS);
  });

  it('is decided by the first step that doesn’t let the cart through', () => {
    const held = gate(
      { step: 'in-time', finding: 'passes' },
      { step: 'away', finding: 'waits', until: '2026-11-22T13:00:00Z' },
      { step: 'switches', finding: 'defers', reason: 'sending-disabled', until: '2026-11-22T13:00:00Z' },
    );
    expect(decidingStep(held)?.step).toBe('away');
    expect(
      wayOf(held)
        .filter(({ decides }) => decides)
        .map(({ name }) => name),
    ).toEqual(['away']);
    expect(decidingStep(gate({ step: 'in-time', finding: 'passes' }))).toBeUndefined();
  });

  it('is shown whole, also where nobody had to look', () => {
    const way = wayOf(gate({ step: 'in-time', finding: 'ends', reason: 'expired' }));
    expect(way.map(({ name }) => name)).toEqual(STEPS);
    expect(way.map(({ found }) => found?.finding)).toEqual(['ends', ...Array<undefined>(12)]);
  });
});

describe('what is looked for', () => {
  it.each(['0f1e2d3c4b5a69788796a5b4c3d2e1f0', '0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0', '9'.repeat(32), 'd'.repeat(4)])(
    '%s is a cart’s id',
    (text) => {
      expect(isCartId(text)).toBe(true);
    },
  );

  it.each(['11985550162', '+55 (11) 98555-0162', '11-98555-0162', '9'.repeat(24), 'tel 985550162', '', '985 550 a'])(
    '%s is none, and comes into no address',
    (text) => {
      expect(isCartId(text)).toBe(false);
    },
  );
});

describe('reasons', () => {
  it('lead to where they can be done away with, if anywhere', () => {
    expect(cureOf('quiet-hours')).toMatchObject({ to: { view: 'sending' }, heading: 'sending-title' });
    expect(cureOf('template-rejected')?.heading).toBe('templates-title');
    expect(cureOf('campaign-paused')?.to.view).toBe('overview');
    expect([cureOf('purchased'), cureOf('of-tomorrow'), cureOf(undefined)]).toEqual([undefined, undefined, undefined]);
  });

  it('lead to headings that the page has', () => {
    const views = ['ConnectionSection', 'CampaignsSection', 'OptOutsSection', 'SendingView', 'TemplatesSection']
      .map((name) => readFileSync(`src/sending/${name}.tsx`, 'utf8'))
      .join('\n');
    const headings = CART_REASONS.flatMap((reason) => cureOf(reason)?.heading ?? []);
    expect(headings.length).toBeGreaterThan(10);
    expect(headings.filter((heading) => !new RegExp(`<(h2|SectionHead)\\s+id="${heading}"`).test(views))).toEqual([]);
  });

  it('go on in a sentence as names are written', () => {
    expect(inSentence('O carrinho está vazio')).toBe('o carrinho está vazio');
    expect(inSentence('A Meta recusou')).toBe('a Meta recusou');
    expect(inSentence('VTEX did not answer')).toBe('VTEX did not answer');
    expect(inSentence('Meta’s limit is used up')).toBe('Meta’s limit is used up');
  });
});
