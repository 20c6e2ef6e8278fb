import { renderHook } from '@testing-library/react';
import { expect, it } from 'vitest';
import { bucketsOf } from '../../src/chart/buckets';
import { chartCsv } from '../../src/chart/chartCsv';
import { panelsOf } from '../../src/chart/panels';
import { useFormat } from '../../src/i18n/useFormat';
import { FIGURES } from '../../src/overview/figures';
import { daysFrom } from './figures';
import { around } from './page';

it('the saved file holds the chart’s days, amounts by currency, and the days compared with', async () => {
  const { wrapper } = await around();
  const { current: format } = renderHook(useFormat, { wrapper }).result;
  const value = FIGURES.filter(({ id }) => id === 'conversionValue');
  const days = (first: string, amount: string) =>
    bucketsOf(
      daysFrom(first, 2, () => ({ conversionValue: [{ currency: 'BRL', amount }] })),
      'day',
      '',
    );
  const buckets = days('2026-11-01', '1234.50');
  const panels = value.flatMap((figure) => panelsOf(figure, buckets));
  const head = 'from,to,Total conversion value (BRL)';
  expect(chartCsv({ buckets, panels, before: undefined }, format)).toBe(
    `${head}\r\n2026-11-01,2026-11-01,1234.50\r\n2026-11-02,2026-11-02,1234.50\r\n`,
  );
  const compared = chartCsv({ buckets, panels, before: days('2026-10-30', '7.00') }, format);
  expect(compared.split('\r\n').slice(0, 2)).toEqual([
    `${head},"before, from","before, to","Total conversion value (BRL), before"`,
    '2026-11-01,2026-11-01,1234.50,2026-10-30,2026-10-30,7.00',
  ]);
});
