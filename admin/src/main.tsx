import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { IntlProvider } from 'react-intl';
import { App } from './app/App';
import { CrashBoundary } from './app/CrashBoundary';
import { loadConfig } from './config';
import { chooseFormats, chooseLocale, loadMessages, wishedLocales } from './i18n/locale';
import { openSession } from './session/openSession';

async function start(root: HTMLElement): Promise<void> {
  const wishes = wishedLocales();
  const locale = chooseLocale(wishes);
  const formats = chooseFormats(locale, wishes);
  document.documentElement.lang = locale;
  const [messages, session] = await Promise.all([loadMessages(locale), loadConfig().then(openSession)]);
  createRoot(root).render(
    <StrictMode>
      <IntlProvider locale={formats} messages={messages}>
        <I18nProvider locale={formats}>
          <CrashBoundary>
            <App session={session} />
          </CrashBoundary>
        </I18nProvider>
      </IntlProvider>
    </StrictMode>,
  );
}

const root = document.getElementById('root');
if (root) {
  start(root).catch(() => {
    // Nothing is loaded that could say it better, in any language.
    root.textContent = 'WhatsApp campaigns could not be loaded. / Não foi possível carregar. / No se pudo cargar.';
  });
}
