import { expect, it } from 'vitest';
import { LOCALES } from '../../src/i18n/locale';
import { formatsFor } from '../../src/report/formats';

it('offers the workbook first where a comma stands in amounts', () => {
  for (const language of LOCALES) {
    const [first, ...others] = formatsFor(language);
    const comma = new Intl.NumberFormat(language, { minimumFractionDigits: 1 }).format(1.5).includes(',');
    expect(first).toBe(comma ? 'xlsx' : 'csv');
    expect([first, ...others].sort()).toEqual(['csv', 'xlsx']);
  }
});
