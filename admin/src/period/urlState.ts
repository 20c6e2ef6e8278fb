import { useSyncExternalStore } from 'react';
import type { ComparedWith } from '../api/types';
import {
  DEFAULT_PRESET,
  isDay,
  presetRange,
  PRESETS,
  RANGE_DAYS,
  rangeDays,
  addDays,
  type Day,
  type DayRange,
  type Preset,
} from './days';

/** The parts of the page, each at its own address. */
export const VIEWS = ['overview', 'purchases', 'carts', 'schedules', 'sending', 'settings'] as const;
export type View = (typeof VIEWS)[number];

/** How a purchase came about. */
export const KINDS = ['clickThrough', 'assisted'] as const;
export type CreditKind = (typeof KINDS)[number];

/** What can become of a cart. */
export const OUTCOMES = ['reminded', 'skipped', 'heldOut'] as const;
export type CartOutcome = (typeof OUTCOMES)[number];

/** What a range in the address can be: a preset moves on with the days, a custom one stays. */
export type RangeChoice = Preset | DayRange;

/** What the figures can be compared with; `none`: with nothing. */
export const COMPARISONS = ['previousPeriod', 'sameWeekdays', 'lastMonth', 'lastYear', 'none'] as const;
export type ComparisonChoice = ComparedWith | 'none';

/** A month, whole or to date, is compared with the same days of the one before, other days with as many before them. */
export const usualComparison = (choice: RangeChoice): ComparisonChoice =>
  choice === 'thisMonth' || choice === 'lastMonth' ? 'lastMonth' : 'previousPeriod';

/** What the API is asked to compare with. */
export const comparedWith = (compare: ComparisonChoice): ComparedWith | undefined =>
  compare === 'none' ? undefined : compare;

export interface UrlState {
  view: View;
  range: RangeChoice;
  campaignId: string | undefined;
  /** The figure whose chart is shown. */
  figure: string | undefined;
  /** The kind and the currency of the purchases shown. */
  kind: CreditKind | undefined;
  currency: string | undefined;
  /** The order that is looked at. */
  order: string | undefined;
  /** What became of the carts shown, and why. */
  outcome: CartOutcome | undefined;
  reason: string | undefined;
  /** The cart that is looked at. */
  cart: string | undefined;
  /** Which episode of it; the latest without one. */
  episode: string | undefined;
  /** What was chosen to compare with; the range's usual comparison without a choice. */
  compare: ComparisonChoice | undefined;
}

export function readUrl(search: string): UrlState {
  const query = new URLSearchParams(search);
  const view = VIEWS.find((each) => each === query.get('view')) ?? 'overview';
  const from = query.get('from') ?? '';
  const to = query.get('to') ?? from;
  const preset = PRESETS.find((each) => each === query.get('range')) ?? DEFAULT_PRESET;
  const custom = isDay(from) && isDay(to) && from <= to && rangeDays({ from, to }) <= RANGE_DAYS;
  return {
    view,
    range: custom ? { from, to } : preset,
    campaignId: query.get('campaign') ?? undefined,
    figure: query.get('figure') ?? undefined,
    kind: KINDS.find((each) => each === query.get('kind')),
    currency: query.get('currency') ?? undefined,
    order: query.get('order') ?? undefined,
    outcome: OUTCOMES.find((each) => each === query.get('outcome')),
    reason: query.get('reason') ?? undefined,
    cart: query.get('cart') ?? undefined,
    episode: query.get('episode') ?? undefined,
    compare: COMPARISONS.find((each) => each === query.get('compare')),
  };
}

/** The address of a changed state; what isn't the page's (`locale`, `account`) stays. */
export function writeUrl(search: string, change: Partial<UrlState>): string {
  const query = new URLSearchParams(search);
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  };
  if (change.view !== undefined) set('view', change.view === 'overview' ? undefined : change.view);
  if ('campaignId' in change) set('campaign', change.campaignId);
  for (const name of [
    'figure',
    'kind',
    'currency',
    'order',
    'outcome',
    'reason',
    'cart',
    'episode',
    'compare',
  ] as const)
    if (name in change) set(name, change[name]);
  if (change.range !== undefined) {
    const custom = typeof change.range === 'object' ? change.range : undefined;
    set('range', typeof change.range === 'string' ? change.range : undefined);
    set('from', custom?.from);
    set('to', custom?.to);
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** The days of a choice as of today; days to come are cut off. */
export function resolveRange(choice: RangeChoice, today: Day): DayRange {
  if (typeof choice === 'string') return presetRange(choice, today);
  const to = choice.to > today ? today : choice.to;
  const from = choice.from > to ? to : choice.from;
  const earliest = addDays(today, -RANGE_DAYS);
  return { from: from < earliest ? earliest : from, to: to < earliest ? earliest : to };
}

const CHANGED = 'urlstatechange';

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(CHANGED, listener);
  };
}

/** Goes to another state, and there to the heading of this id. */
export function goTo(change: Partial<UrlState>, heading?: string): void {
  const search = writeUrl(window.location.search, change);
  if (search === window.location.search) return;
  window.history.pushState(null, '', `${window.location.pathname}${search}${heading ? `#${heading}` : ''}`);
  window.dispatchEvent(new Event(CHANGED));
}

export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => window.location.search);
}
