import { renderHook, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { Campaign, HistoryEntry } from '../../src/api/types';
import { changedSince, marksOf, useChangeMarks } from '../../src/chart/changes';
import { around } from './page';

const ZONE = 'America/Sao_Paulo';
const RANGE = { from: '2026-11-10', to: '2026-11-20' };

const campaign = (campaignId: string, updatedAt: string, version = 2): Campaign => ({
  campaignId,
  name: campaignId,
  language: 'es',
  messageType: 'text',
  status: 'active',
  version,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt,
});

const entry = (version: number, at: string, field: string, to: string): HistoryEntry => ({
  version,
  at,
  by: 'ana',
  changes: [{ field, from: null, to }] as HistoryEntry['changes'],
});

it('asks for the histories of campaigns changed since the range began, however many', () => {
  const old = campaign('old', '2026-11-09T23:00:00Z');
  // Still the 9th in the store's zone.
  const night = campaign('night', '2026-11-10T02:00:00Z');
  const within = campaign('within', '2026-11-10T04:00:00Z');
  const untouched = campaign('untouched', '2026-11-12T00:00:00Z', 1);
  expect(changedSince([old, night, within, untouched], RANGE, ZONE)).toEqual([within]);
  const all = Array.from({ length: 100 }, (_, index) => campaign(`c${index}`, '2026-11-12T00:00:00Z'));
  expect(changedSince(all, RANGE, ZONE)).toEqual(all);
});

it('marks the changes of a hundred campaigns, a few histories at a time', async () => {
  const all = Array.from({ length: 100 }, (_, index) => campaign(`c${index}`, '2026-11-12T00:00:00Z'));
  let [open, most, asked] = [0, 0, 0];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => {
    most = Math.max(most, ++open);
    asked++;
    await Promise.resolve();
    open--;
    return Response.json({ items: [entry(2, '2026-11-12T12:00:00Z', 'status', 'paused')] });
  });
  const { wrapper } = await around();
  const { result, rerender } = renderHook(() => useChangeMarks(all, RANGE, ZONE), { wrapper });
  await waitFor(() => expect(result.current).toHaveLength(100));
  expect(asked).toBe(100);
  expect(most).toBeLessThanOrEqual(6);
  const marks = result.current;
  rerender();
  expect(result.current).toBe(marks);
  expect(asked).toBe(100);
  vi.restoreAllMocks();
});

it('marks what was paused, resumed and edited, on the store’s days of the range', () => {
  const history = [
    entry(1, '2026-11-11T12:00:00Z', 'name', 'A'),
    entry(2, '2026-11-12T01:00:00Z', 'status', 'paused'),
    entry(3, '2026-11-12T12:00:00Z', 'status', 'active'),
    entry(4, '2026-11-20T12:00:00Z', 'language', 'es'),
    entry(5, '2026-11-21T12:00:00Z', 'language', 'es'),
  ];
  expect(marksOf(campaign('a', ''), history, RANGE, ZONE)).toEqual([
    { day: '2026-11-11', kind: 'paused', campaign: 'a' },
    { day: '2026-11-12', kind: 'resumed', campaign: 'a' },
    { day: '2026-11-20', kind: 'edited', campaign: 'a' },
  ]);
});
