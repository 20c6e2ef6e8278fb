import { use, type ReactNode } from 'react';
import { IntlProvider, useIntl, type MessageFormatElement } from 'react-intl';
import { chooseLocale, type Locale } from '../i18n/locale';

type Messages = Record<string, MessageFormatElement[]>;

const loaders: Record<Locale, () => Promise<{ default: unknown }>> = {
  'pt-BR': () => import('../messages/sending-pt-BR.json'),
  'en-US': () => import('../messages/sending-en-US.json'),
  es: () => import('../messages/sending-es.json'),
};

const loading = new Map<Locale, Promise<Messages>>();

function load(locale: Locale): Promise<Messages> {
  const held = loading.get(locale) ?? loaders[locale]().then((loaded) => loaded.default as Messages);
  loading.set(locale, held);
  // One that failed is tried again by whoever asks next.
  void held.catch(() => loading.delete(locale));
  return held;
}

/** The texts of what the system sends: they come when they are first shown, so that the overview needn't wait for them. */
export function SendingTexts({ children }: { children: ReactNode }) {
  const { locale, messages, timeZone } = useIntl();
  const own = use(load(chooseLocale([document.documentElement.lang, locale])));
  return (
    <IntlProvider
      locale={locale}
      messages={{ ...(messages as Messages), ...own }}
      {...(timeZone === undefined ? {} : { timeZone })}
    >
      {children}
    </IntlProvider>
  );
}
