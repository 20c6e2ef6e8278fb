import { expect, it } from 'vitest';
import type { AsideItem } from '../../src/api/types';
import { groupAside } from '../../src/settings/asideGroups';

const item = (id: string, code: string, receivedAt: string, field?: string): AsideItem => ({
  id,
  code,
  receivedAt,
  source: 'events',
  ...(field ? { field } : {}),
});

it('groups what was kept aside by reason and field, most first, with the one that came last', () => {
  const groups = groupAside([
    item('1', 'unknown-campaign', '2026-11-01T00:00:00Z'),
    item('2', 'invalid-field', '2026-11-02T00:00:00Z', 'data.value'),
    item('3', 'unknown-campaign', '2026-11-03T00:00:00Z'),
    item('4', 'unknown-campaign', '2026-11-02T00:00:00Z'),
    item('5', 'invalid-field', '2026-11-02T00:00:00Z', 'time'),
  ]);
  expect(groups.map(({ code, field, count, latest }) => [code, field, count, latest.id])).toEqual([
    ['unknown-campaign', undefined, 3, '3'],
    ['invalid-field', 'data.value', 1, '2'],
    ['invalid-field', 'time', 1, '5'],
  ]);
  expect(groupAside([])).toEqual([]);
});
