import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { IntlProvider } from 'react-intl';
import { App } from './app/App';
import { CrashBoundary } from './app/CrashBoundary';
import { loadConfig } from './config';
import { isFramed, onHostLocale, tellHeight } from './frame/host';
import { chooseFormats, chooseLocale, loadMessages, wishLocale, wishedLocales } from './i18n/locale';
import { openSession } from './session/openSession';
import { isPopupAnswer } from './session/popup';

async function start(element: HTMLElement): Promise<void> {
  const opened = loadConfig().then(openSession);
  const root = createRoot(element);
  let latest = 0;
  /** Shows the page, or what stands there already, in a language. */
  const speak = async (): Promise<void> => {
    const turn = ++latest;
    const wishes = wishedLocales();
    const locale = chooseLocale(wishes);
    const formats = chooseFormats(locale, wishes);
    const [messages, session] = await Promise.all([loadMessages(locale), opened]);
    if (turn !== latest) return;
    document.documentElement.lang = locale;
    root.render(
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
  };
  await speak();
  if (!isFramed()) return;
  document.documentElement.classList.add('framed');
  tellHeight(element);
  onHostLocale((locale) => {
    wishLocale(locale);
    // A language that can't be loaded now leaves the one that is shown.
    speak().catch(() => undefined);
  });
}

const root = document.getElementById('root');
if (root && !isPopupAnswer()) {
  start(root).catch(() => {
    // Nothing is loaded that could say it better, in any language.
    root.textContent = 'WhatsApp campaigns could not be loaded. / Não foi possível carregar. / No se pudo cargar.';
  });
}
