import { describe, expect, it } from 'vitest';
import { readUrl, resolveRange, usualComparison, writeUrl } from '../../src/period/urlState';

const TODAY = '2026-11-22';

describe('the address', () => {
  it('holds range, campaign and view, and keeps what is not its own', () => {
    const search = writeUrl('?locale=es&account=loja', {
      range: { from: '2026-11-01', to: '2026-11-03' },
      campaignId: 'c1',
      view: 'purchases',
      figure: 'sent',
      kind: 'assisted',
      currency: 'BRL',
      order: 'v1&2',
      outcome: 'skipped',
      reason: 'no-phone',
      cart: 'f1',
      compare: 'lastYear',
    });
    expect(search).toBe(
      '?locale=es&account=loja&view=purchases&campaign=c1&figure=sent&kind=assisted&currency=BRL&order=v1%262&outcome=skipped&reason=no-phone&cart=f1&compare=lastYear&from=2026-11-01&to=2026-11-03',
    );
    expect(readUrl(search)).toEqual({
      view: 'purchases',
      campaignId: 'c1',
      figure: 'sent',
      kind: 'assisted',
      currency: 'BRL',
      order: 'v1&2',
      outcome: 'skipped',
      reason: 'no-phone',
      cart: 'f1',
      compare: 'lastYear',
      range: { from: '2026-11-01', to: '2026-11-03' },
    });
  });

  it('replaces a custom range by a preset and back', () => {
    expect(writeUrl('?from=2026-11-01&to=2026-11-03', { range: 'last30' })).toBe('?range=last30');
    expect(writeUrl('?range=last30', { range: { from: '2026-11-01', to: '2026-11-01' } })).toBe(
      '?from=2026-11-01&to=2026-11-01',
    );
    expect(writeUrl('?view=schedules&campaign=c1', { view: 'overview', campaignId: undefined })).toBe('');
  });

  it('compares a month with the same days of the one before, other days with as many before them', () => {
    expect((['thisMonth', 'lastMonth', 'last7', 'yesterday'] as const).map(usualComparison)).toEqual([
      'lastMonth',
      'lastMonth',
      'previousPeriod',
      'previousPeriod',
    ]);
    expect(usualComparison({ from: '2026-11-01', to: '2026-11-03' })).toBe('previousPeriod');
    expect(readUrl('?compare=none').compare).toBe('none');
    expect(readUrl('?compare=yesterday').compare).toBeUndefined();
  });

  it('falls back to the default for what makes no sense', () => {
    for (const search of [
      '',
      '?from=x',
      '?from=2026-11-05&to=2026-11-01',
      '?from=2024-01-01&to=2026-01-01',
      '?range=x',
    ]) {
      expect(readUrl(search).range, search).toBe('last7');
    }
  });

  it('reads one day from `from` alone', () => {
    expect(readUrl('?from=2026-11-05').range).toEqual({ from: '2026-11-05', to: '2026-11-05' });
  });

  it('cuts off days to come and days too old', () => {
    expect(resolveRange({ from: '2026-11-20', to: '2026-12-05' }, TODAY)).toEqual({ from: '2026-11-20', to: TODAY });
    expect(resolveRange({ from: '2027-01-01', to: '2027-01-05' }, TODAY)).toEqual({ from: TODAY, to: TODAY });
    expect(resolveRange({ from: '2025-01-01', to: '2025-11-30' }, TODAY)).toEqual({
      from: '2025-11-21',
      to: '2025-11-30',
    });
  });
});
