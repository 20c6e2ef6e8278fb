import { expect, it } from 'vitest';
import type { Report } from '../../src/api/types';
import { outcomes } from '../../src/report/outcomes';

it('offers another try where the same can end otherwise, and a change where it can’t', () => {
  const again = (report: Partial<Report>): string => outcomes(report as Report).again;
  expect(again({ status: 'failed' })).toBe('same');
  for (const failure of ['too-large', 'recipient-unsubscribed', 'recipient-not-asked'] as const)
    expect(again({ status: 'failed', failure }), failure).toBe('changed');
  expect(again({ status: 'complained' })).toBe('changed');
  expect(again({ status: 'mailed' })).toBe('none');
});
