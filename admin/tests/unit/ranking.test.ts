import { describe, expect, it } from 'vitest';
import type { Campaign, CampaignFigures } from '../../src/api/types';
import { currenciesOf, isFound, perMessage, rank, rateOf, type RankKey } from '../../src/overview/ranking';
import { addMoney, sumFigures } from '../../src/overview/sumFigures';

const figures = (campaignId: string, changes: Partial<CampaignFigures> = {}): CampaignFigures => ({
  campaignId,
  name: campaignId,
  sent: 100,
  delivered: 80,
  read: 40,
  failed: 0,
  uniqueClicks: 20,
  totalClicks: 30,
  optOuts: 0,
  conversions: { total: 8, assisted: 2, clickThrough: 6 },
  conversionValue: [],
  clickThroughValue: [],
  ...changes,
});

const ranked = (name: string, own: CampaignFigures | undefined, createdAt = '2026-11-01T00:00:00Z') => ({
  campaign: { campaignId: name, name, createdAt } as Campaign,
  own,
});

const brl = (amount: string) => [{ currency: 'BRL', amount }];

describe('campaigns', () => {
  const great = ranked(
    'Grande',
    figures('g', { delivered: 100, conversionValue: brl('1000.00') }),
    '2026-11-01T00:00:00Z',
  );
  const dear = ranked('Ágil', figures('d', { delivered: 10, conversionValue: brl('900.00') }), '2026-11-02T00:00:00Z');
  const dollars = ranked(
    'bom',
    figures('u', { conversionValue: [{ currency: 'USD', amount: '5000.00' }] }),
    '2026-11-03T00:00:00Z',
  );
  const unknown = ranked('Nada', undefined, '2026-11-04T00:00:00Z');
  const all = [great, unknown, dear, dollars];
  const order = (key: RankKey, descending = true): string[] =>
    rank(all, { key, descending }, 'pt-BR').map(({ campaign }) => campaign.name);

  it('rank otherwise by value than by value of a delivered message', () => {
    expect(order('value:BRL').slice(0, 2)).toEqual(['Grande', 'Ágil']);
    expect(order('perMessage:BRL').slice(0, 2)).toEqual(['Ágil', 'Grande']);
  });

  it('without the figure come last, either way', () => {
    expect(order('value:USD')).toEqual(['bom', 'Grande', 'Nada', 'Ágil']);
    expect(order('value:BRL', false)).toEqual(['Ágil', 'Grande', 'Nada', 'bom']);
    expect(order('sent', false).at(-1)).toBe('Nada');
  });

  it('rank by name as the language has it, and by creation', () => {
    expect(order('name', false)).toEqual(['Ágil', 'bom', 'Grande', 'Nada']);
    expect(order('createdAt', false)).toEqual(['Grande', 'Ágil', 'bom', 'Nada']);
  });

  it('are found by words of their name, whatever accents and case', () => {
    expect(isFound('Cupom de ÁGUA', 'agua cup')).toBe(true);
    expect(isFound('Cupom de água', 'agua fria')).toBe(false);
    expect(isFound('Cupom', '  ')).toBe(true);
  });
});

describe('rates', () => {
  it('are of those delivered, the delivery of those sent, and none of nothing', () => {
    const own = figures('c');
    expect(rateOf.deliveryRate(own)).toBe(0.8);
    expect(rateOf.readRate(own)).toBe(0.5);
    expect(rateOf.clickRate(own)).toBe(0.25);
    expect(rateOf.conversionRate(own)).toBe(0.1);
    expect(rateOf.readRate(figures('c', { delivered: 0 }))).toBeUndefined();
  });
});

describe('money', () => {
  it('of a delivered message has the digits of its currency', () => {
    expect(
      perMessage(
        figures('c', { delivered: 3, conversionValue: [...brl('10.00'), { currency: 'CLP', amount: '1000' }] }),
      ),
    ).toEqual([
      { currency: 'BRL', amount: '3.33' },
      { currency: 'CLP', amount: '333' },
    ]);
    expect(perMessage(figures('c', { delivered: 0, conversionValue: brl('10.00') }))).toEqual([]);
  });

  it('adds without rounding, each currency for itself', () => {
    expect(addMoney([brl('90071992547409.91'), brl('0.10'), [{ currency: 'CLP', amount: '7' }], brl('0.00')])).toEqual([
      { currency: 'BRL', amount: '90071992547410.01' },
      { currency: 'CLP', amount: '7' },
    ]);
  });

  it('is told first of the currency that most campaigns have', () => {
    const usd = [{ currency: 'USD', amount: '1.00' }];
    const of = (...values: CampaignFigures['conversionValue'][]) =>
      currenciesOf(values.map((conversionValue) => figures('c', { conversionValue })));
    expect(of(usd, brl('1.00'), [...brl('2.00'), ...usd], usd)).toEqual(['USD', 'BRL']);
    expect(of(usd, brl('1.00'))).toEqual(['BRL', 'USD']);
  });
});

it('figures of some campaigns are their sums, without distinct shoppers, which have none', () => {
  const sum = sumFigures([
    figures('a', { conversionValue: brl('1.50') }),
    figures('b', { conversionValue: brl('2.25') }),
  ]);
  expect(sum).toMatchObject({
    sent: 200,
    delivered: 160,
    uniqueClicks: 0,
    conversions: { total: 16, assisted: 4, clickThrough: 12 },
  });
  expect(sum.conversionValue).toEqual(brl('3.75'));
});
