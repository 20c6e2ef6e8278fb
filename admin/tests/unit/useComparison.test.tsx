import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderHook, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApi } from '../../src/api/client';
import type { Conversion, Figures, Metrics } from '../../src/api/types';
import { AppContext } from '../../src/app/AppContext';
import { useComparison } from '../../src/overview/useComparison';
import { addDays, type DayRange } from '../../src/period/days';
import type { Session } from '../../src/session/session';

const NOW = new Date('2026-11-22T15:00:00Z');
const TODAY = '2026-11-22';

const figures = (sent: number): Figures => ({
  sent,
  delivered: sent,
  read: sent,
  failed: 0,
  uniqueClicks: 1,
  totalClicks: 1,
  optOuts: 0,
  conversions: { total: 3, assisted: 1, clickThrough: 2 },
  conversionValue: [],
  clickThroughValue: [],
});

const metrics = (range: DayRange, settled: boolean, sent = 5): Metrics => ({
  ...range,
  timeZone: 'America/Sao_Paulo',
  totals: figures(sent),
  days: [{ day: range.from, settled, ...figures(sent) }],
  campaigns: [],
});

const bought = (createdAt: string): Conversion => ({
  orderGroup: createdAt,
  createdAt,
  orderTotal: '10.00',
  currency: 'BRL',
  credit: { kind: 'assisted', reminderId: 'r', campaignId: 'c', day: '2026-11-21' },
  hasClickedOnReminder: false,
});

const session: Session = {
  mode: 'local',
  apiUrl: 'https://api.example',
  claims: { account: 'account', scope: 'scope' },
  signInFailed: false,
  token: () => 't',
  renew: () => Promise.resolve(false),
  signIn: () => Promise.resolve(),
  signOut: () => Promise.resolve(),
};

let sentBefore = 5;

beforeEach(() => {
  sentBefore = 5;
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  vi.spyOn(globalThis, 'fetch').mockImplementation((request) => {
    const url = new URL((request as Request).url);
    const range = { from: url.searchParams.get('from') ?? '', to: url.searchParams.get('to') ?? '' };
    // Yesterday's: one purchase before this hour, one after it.
    const items = [bought('2026-11-21T14:59:00Z'), bought('2026-11-21T15:01:00Z')];
    return Promise.resolve(Response.json(url.pathname === '/metrics' ? metrics(range, true, sentBefore) : { items }));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function compare(current: Metrics) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const app = { api: createApi(session, vi.fn()), session, account: 'loja', subject: 'ana', canWrite: true };
  return renderHook(() => useComparison(current, { from: current.from, to: current.to }, TODAY, undefined), {
    wrapper: ({ children }) => (
      <QueryClientProvider client={client}>
        <AppContext value={app}>{children}</AppContext>
      </QueryClientProvider>
    ),
  }).result;
}

const COMPARED = ['sent', 'delivered', 'read', 'uniqueClicks', 'totalClicks', 'conversions', 'conversionValue'];

describe('a comparison', () => {
  it('of settled periods covers everything', async () => {
    const result = compare(metrics({ from: '2026-10-01', to: '2026-10-07' }, true));
    await waitFor(() => expect(result.current?.kind).toBe('whole'));
    expect(result.current?.range).toEqual({ from: '2026-09-24', to: '2026-09-30' });
    expect(COMPARED.filter((id) => result.current?.covers(id))).toEqual(COMPARED);
  });

  it('of today is with yesterday up to this hour, for purchases alone', async () => {
    const result = compare(metrics({ from: TODAY, to: TODAY }, false));
    await waitFor(() => expect(result.current?.kind).toBe('point'));
    expect(result.current?.range).toEqual({ from: '2026-11-21', to: '2026-11-21' });
    expect(result.current?.figures.conversions.total).toBe(1);
    expect(COMPARED.filter((id) => result.current?.covers(id))).toEqual(['conversions', 'conversionValue']);
  });

  it('of young days that are over covers the messages sent, too', async () => {
    const yesterday = addDays(TODAY, -1);
    const result = compare(metrics({ from: yesterday, to: yesterday }, false));
    await waitFor(() => expect(result.current?.covers('conversions')).toBe(true));
    expect(COMPARED.filter((id) => result.current?.covers(id))).toEqual(['sent', 'conversions', 'conversionValue']);
  });

  it('is none where the period before has nothing, or lies too far back', async () => {
    sentBefore = 0;
    const nothing = compare(metrics({ from: '2026-10-01', to: '2026-10-07' }, true));
    const tooOld = compare(metrics({ from: '2025-11-24', to: '2025-11-30' }, true));
    await waitFor(() => expect(vi.mocked(globalThis.fetch)).toHaveBeenCalled());
    expect(nothing.current).toBeUndefined();
    expect(tooOld.current).toBeUndefined();
    expect(vi.mocked(globalThis.fetch)).toHaveBeenCalledOnce();
  });
});
