import type { Campaign, CampaignFigures, Figures, Money } from '../api/types';

/** What campaigns can be ranked by. Money is ranked one currency at a time: currencies are never added. */
export type RankKey = CountKey | RateKey | 'name' | 'createdAt' | `value:${string}` | `perMessage:${string}`;

export const RATE_KEYS = ['deliveryRate', 'readRate', 'clickRate', 'conversionRate'] as const;
export type RateKey = (typeof RATE_KEYS)[number];

export const COUNT_KEYS = [
  'sent',
  'delivered',
  'read',
  'uniqueClicks',
  'conversions',
  'assisted',
  'clickThrough',
] as const;
export type CountKey = (typeof COUNT_KEYS)[number];

export interface Ranking {
  key: RankKey;
  descending: boolean;
}

/** A campaign with its figures of the range, which may not be there. */
export interface Ranked {
  campaign: Campaign;
  own: CampaignFigures | undefined;
}

const counts: Record<CountKey, (figures: Figures) => number> = {
  sent: (f) => f.sent,
  delivered: (f) => f.delivered,
  read: (f) => f.read,
  uniqueClicks: (f) => f.uniqueClicks,
  conversions: (f) => f.conversions.total,
  assisted: (f) => f.conversions.assisted,
  clickThrough: (f) => f.conversions.clickThrough,
};

const ratio = (part: number, whole: number): number | undefined => (whole > 0 ? part / whole : undefined);

/** A rate of a campaign's, or of all: delivered of those sent, the others of those delivered. */
export const rateOf: Record<RateKey, (figures: Figures) => number | undefined> = {
  deliveryRate: (f) => ratio(f.delivered, f.sent),
  readRate: (f) => ratio(f.read, f.delivered),
  clickRate: (f) => ratio(f.uniqueClicks, f.delivered),
  conversionRate: (f) => ratio(f.conversions.total, f.delivered),
};

/** The value of a delivered message, rounded as money of the currency is. */
export function perMessage({ delivered, conversionValue }: Figures): Money[] {
  if (delivered === 0) return [];
  return conversionValue.map(({ currency, amount }) => ({
    currency,
    amount: (Number(amount) / delivered).toFixed(amount.split('.')[1]?.length ?? 0),
  }));
}

/** The currencies of the campaigns' values, the one that most campaigns have first. */
export function currenciesOf(figures: readonly CampaignFigures[]): string[] {
  const campaigns = new Map<string, number>();
  for (const { currency } of figures.flatMap((each) => each.conversionValue)) {
    campaigns.set(currency, (campaigns.get(currency) ?? 0) + 1);
  }
  return [...campaigns].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)).map(([currency]) => currency);
}

function rankValue({ campaign, own }: Ranked, key: RankKey): number | string | undefined {
  if (key === 'name') return campaign.name;
  if (key === 'createdAt') return Date.parse(campaign.createdAt);
  if (!own) return undefined;
  if (isCount(key)) return counts[key](own);
  if (isRate(key)) return rateOf[key](own);
  const [kind, currency] = key.split(':');
  const amount = own.conversionValue.find((each) => each.currency === currency)?.amount;
  if (kind === 'value') return amount === undefined ? undefined : Number(amount);
  return amount === undefined ? undefined : ratio(Number(amount), own.delivered);
}

const isCount = (key: RankKey): key is CountKey => (COUNT_KEYS as readonly string[]).includes(key);
const isRate = (key: RankKey): key is RateKey => (RATE_KEYS as readonly string[]).includes(key);

/** The campaigns in order; those without the figure come last either way, and what ties stays as it was made. */
export function rank(campaigns: readonly Ranked[], { key, descending }: Ranking, locale: string): Ranked[] {
  const names = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  const sign = descending ? -1 : 1;
  return campaigns
    .map((each) => ({ each, value: rankValue(each, key) }))
    .sort((a, b) => {
      if (a.value === undefined || b.value === undefined)
        return Number(a.value === undefined) - Number(b.value === undefined);
      if (typeof a.value === 'string' || typeof b.value === 'string')
        return sign * names.compare(String(a.value), String(b.value));
      return sign * (a.value - b.value);
    })
    .map(({ each }) => each);
}

/** A text without accents and case, to search in. */
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase();

/** Whether each word of a search stands in the name. */
export function isFound(name: string, search: string): boolean {
  const within = plain(name);
  return plain(search)
    .split(/\s+/)
    .every((word) => within.includes(word));
}
