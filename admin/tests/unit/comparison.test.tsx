import { render } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Earlier } from '../../src/api/types';
import { amountsBeside } from '../../src/overview/comparison';
import { FigureCards } from '../../src/overview/FigureCards';
import { FIGURES } from '../../src/overview/figures';
import { figuresWith } from './figures';
import { around } from './page';

const brl = (amount: string) => ({ currency: 'BRL', amount });
const clp = (amount: string) => ({ currency: 'CLP', amount });

const now = figuresWith({
  sent: 90,
  delivered: 80,
  read: 40,
  uniqueClicks: 20,
  totalClicks: 30,
  conversions: { total: 6, assisted: 2, clickThrough: 4 },
  conversionValue: [brl('600.00')],
  clickThroughValue: [brl('400.00')],
});

const earlier: Earlier = {
  with: 'previousPeriod',
  from: '2026-11-20',
  to: '2026-11-20',
  unripe: ['delivered', 'read', 'failed', 'uniqueClicks', 'totalClicks', 'optOuts'],
  totals: figuresWith({
    sent: 100,
    delivered: 100,
    read: 50,
    uniqueClicks: 25,
    totalClicks: 25,
    conversions: { total: 5, assisted: 1, clickThrough: 4 },
    conversionValue: [brl('300.00'), clp('5000')],
    clickThroughValue: [brl('400.00')],
  }),
  days: [],
};

async function cards(isOpen = false) {
  const { wrapper } = await around();
  const { container } = render(
    <FigureCards figures={now} earlier={earlier} isOpen={isOpen} chosen={undefined} pending={false} />,
    { wrapper },
  );
  return (id: string) => ({
    changes: [...container.querySelectorAll(`[data-figure="${id}"] .figure-change`)].map(
      ({ className, textContent }) => `${className.replace('figure-change ', '')} ${textContent}`,
    ),
    before: [...container.querySelectorAll(`[data-figure="${id}"] .figure-before`)].map(
      ({ textContent }) => textContent,
    ),
    marked: container.querySelectorAll(`[data-figure="${id}"] .unripe-mark`).length,
  });
}

describe('figures beside those of earlier days', () => {
  it('tell what every one of them was before, and how it changed', async () => {
    const card = await cards();
    for (const { id } of FIGURES) {
      expect(card(id).before.length, id).toBeGreaterThan(0);
      expect(card(id).changes.length, id).toBeGreaterThan(0);
    }
    expect(card('sent')).toEqual({
      changes: ['down ↓ 10%-10% from the days compared with'],
      before: ['before: 100'],
      marked: 0,
    });
    expect(card('clickThroughValue').changes).toEqual(['same  0%0% from the days compared with']);
  });

  it('mark those that have had more time, and judge none of them', async () => {
    const card = await cards();
    const marked = FIGURES.filter(({ id }) => card(id).marked > 0).map(({ id }) => id);
    expect(marked).toEqual(['delivered', 'read', 'uniqueClicks', 'totalClicks']);
    expect(card('delivered').changes).toEqual(['unripe ↓ 20%-20% from the days compared with']);
  });

  it('tell no change of what is still being made today', async () => {
    const card = await cards(true);
    expect(card('delivered')).toMatchObject({ changes: [], marked: 1 });
    expect(card('conversions').changes).toEqual(['up ↑ 20%+20% from the days compared with']);
  });

  it('keep a currency that fell to zero', async () => {
    const card = await cards();
    expect(card('conversionValue')).toMatchObject({
      changes: ['up ↑ 100%+100% from the days compared with', 'down ↓ 100%-100% from the days compared with'],
      before: ['before: R$300.00', 'before: CLP\u00a05,000'],
    });
    expect(amountsBeside([brl('0.90')], [clp('5000'), { currency: 'USD', amount: '1234.56' }])).toEqual([
      { now: brl('0.90'), before: brl('0.00') },
      { now: clp('0'), before: clp('5000') },
      { now: { currency: 'USD', amount: '0.00' }, before: { currency: 'USD', amount: '1234.56' } },
    ]);
  });
});
