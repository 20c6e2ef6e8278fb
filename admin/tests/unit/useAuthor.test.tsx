import { renderHook } from '@testing-library/react';
import { IntlProvider } from 'react-intl';
import { expect, it } from 'vitest';
import { AppContext, type AppContextValue } from '../../src/app/AppContext';
import { useAuthor } from '../../src/campaigns/useAuthor';
import { loadMessages } from '../../src/i18n/locale';

it('of a change is told by name or address, never by a whole id', async () => {
  const messages = await loadMessages('en-US');
  const app = { subject: 'auth0|5f7c8ec7c33c6c004bbafe82' } as AppContextValue;
  const { current: author } = renderHook(useAuthor, {
    wrapper: ({ children }) => (
      <IntlProvider locale="en-US" messages={messages}>
        <AppContext value={app}>{children}</AppContext>
      </IntlProvider>
    ),
  }).result;
  expect(author('auth0|5f7c8ec7c33c6c004bbafe82')).toBe('You');
  for (const id of ['google-oauth2|108294717382104882901', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6']) {
    expect(author(id)).toBe(`User with ID ending in ${id.slice(-4)}`);
  }
  for (const name of ['ana@store.example', 'Ana Souza', 'ana']) expect(author(name)).toBe(name);
});
