import { render } from '@testing-library/react';
import { IntlProvider } from 'react-intl';
import { describe, expect, it } from 'vitest';
import type { DayFigures, Figures } from '../../src/api/types';
import { LOCALES, loadMessages, type Locale } from '../../src/i18n/locale';
import { bucketsOf } from '../../src/chart/buckets';
import { ChartTable } from '../../src/chart/ChartTable';
import { OVERVIEW_PANELS } from '../../src/chart/panels';
import { FigureCards } from '../../src/overview/FigureCards';

const figures = (optOuts: number): Figures => ({
  sent: 9,
  delivered: 8,
  read: 7,
  failed: 0,
  uniqueClicks: 1,
  totalClicks: 2,
  optOuts,
  conversions: { total: 0, assisted: 0, clickThrough: 0 },
  conversionValue: [],
  clickThroughValue: [],
});

async function cardOf(locale: Locale, optOuts: number): Promise<string> {
  const { container } = render(
    <IntlProvider locale={locale} messages={await loadMessages(locale)}>
      <FigureCards figures={figures(optOuts)} earlier={undefined} isOpen={false} chosen={undefined} pending={false} />
    </IntlProvider>,
  );
  return container.querySelector('[data-figure="totalClicks"] .figure-value')?.textContent ?? '';
}

describe('opt-outs', () => {
  it.each(LOCALES)('stand beside the clicks in %s, where there are any', async (locale) => {
    const told = {
      'pt-BR': ['1 pedido para parar', '3 pedidos para parar'],
      'en-US': ['1 opt-out', '3 opt-outs'],
      es: ['1 baja', '3 bajas'],
    };
    expect(await cardOf(locale, 1)).toContain(told[locale][0]);
    expect(await cardOf(locale, 3)).toContain(told[locale][1]);
    expect(await cardOf(locale, 0)).not.toMatch(/parar|opt-out|baja/);
  });

  it('stand in the table of days', async () => {
    const day: DayFigures = { day: '2026-11-01', settled: true, ...figures(4) };
    const { container } = render(
      <IntlProvider locale="en-US" messages={await loadMessages('en-US')}>
        <ChartTable buckets={bucketsOf([day], 'day', '')} panels={OVERVIEW_PANELS} before={undefined} optOuts />
      </IntlProvider>,
    );
    const cells = (of: string): (string | null)[] =>
      [...container.querySelectorAll(of)].map((cell) => cell.textContent);
    expect(cells('thead th').at(-1)).toBe('Opt-outs');
    expect(cells('tbody td').at(-1)).toBe('4');
  });
});
