import { render, screen } from '@testing-library/react';
import { IntlProvider } from 'react-intl';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/api/types';
import { PendingNotice } from '../../src/app/PendingNotice';
import { loadMessages, LOCALES, type Locale } from '../../src/i18n/locale';

async function show(locale: Locale, pending: Account['pending'] | undefined): Promise<string> {
  const messages = await loadMessages(locale);
  const { unmount } = render(
    <IntlProvider locale={locale} messages={messages}>
      <PendingNotice pending={pending} />
    </IntlProvider>,
  );
  const text = screen.getByRole('status').textContent;
  unmount();
  return text;
}

describe('what waits for a confirmation', () => {
  it.each(LOCALES)('is told in %s with the numbers', async (locale) => {
    expect(await show(locale, { phoneNumberIds: ['111', '222'] })).toContain('(111, 222)');
  });

  it.each(LOCALES)('is told in %s with the address', async (locale) => {
    expect(await show(locale, { phoneNumberIds: [], storeUrl: 'https://loja.example/' })).toContain(
      'https://loja.example/',
    );
  });

  it('is not told when nothing waits', async () => {
    expect(await show('pt-BR', { phoneNumberIds: [] })).toBe('');
    expect(await show('pt-BR', undefined)).toBe('');
  });
});
