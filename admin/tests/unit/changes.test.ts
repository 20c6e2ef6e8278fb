import { expect, it } from 'vitest';
import type { Campaign, HistoryEntry } from '../../src/api/types';
import { changedSince, marksOf, MOST_HISTORIES } from '../../src/chart/changes';

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

it('asks for the histories of campaigns changed since the range began, those changed last', () => {
  const old = campaign('old', '2026-11-09T23:00:00Z');
  // Still the 9th in the store's zone.
  const night = campaign('night', '2026-11-10T02:00:00Z');
  const within = campaign('within', '2026-11-10T04:00:00Z');
  const untouched = campaign('untouched', '2026-11-12T00:00:00Z', 1);
  expect(changedSince([old, night, within, untouched], RANGE, ZONE)).toEqual([within]);
  for (const count of [MOST_HISTORIES, MOST_HISTORIES + 1]) {
    const many = Array.from({ length: count }, (_, index) => campaign(`c${index}`, `2026-11-12T00:00:${10 + index}Z`));
    const asked = changedSince(many, RANGE, ZONE);
    expect(asked).toHaveLength(MOST_HISTORIES);
    expect(asked[0]?.campaignId).toBe(`c${count - 1}`);
  }
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
