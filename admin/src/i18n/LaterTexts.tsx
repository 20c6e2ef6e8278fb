import { use, type ReactNode } from 'react';
import { IntlProvider, useIntl, type MessageFormatElement } from 'react-intl';
import { chooseLocale, type Locale } from './locale';

type Messages = Record<string, MessageFormatElement[]>;

/** The texts that only some views show: how the store is set up, what the system sends, and what became of carts. */
export type LaterPart = 'settings' | 'sending' | 'carts';

const loaders: Record<LaterPart, Record<Locale, () => Promise<{ default: unknown }>>> = {
  settings: {
    'pt-BR': () => import('../messages/settings-pt-BR.json'),
    'en-US': () => import('../messages/settings-en-US.json'),
    es: () => import('../messages/settings-es.json'),
  },
  carts: {
    'pt-BR': () => import('../messages/carts-pt-BR.json'),
    'en-US': () => import('../messages/carts-en-US.json'),
    es: () => import('../messages/carts-es.json'),
  },
  sending: {
    'pt-BR': () => import('../messages/sending-pt-BR.json'),
    'en-US': () => import('../messages/sending-en-US.json'),
    es: () => import('../messages/sending-es.json'),
  },
};

const loading = new Map<string, Promise<Messages>>();

/** The texts of some parts, one promise for each choice of them: a render that waits must find its own again. */
function load(parts: readonly LaterPart[], locale: Locale): Promise<Messages> {
  const key = [...parts, locale].join(' ');
  const held =
    loading.get(key) ??
    Promise.all(parts.map((part) => loaders[part][locale]())).then(
      (all) => Object.assign({}, ...all.map(({ default: texts }) => texts)) as Messages,
    );
  loading.set(key, held);
  // One that failed is tried again by whoever asks next.
  void held.catch(() => loading.delete(key));
  return held;
}

interface LaterTextsProps {
  parts: readonly LaterPart[];
  children: ReactNode;
}

/** Brings texts when they are first shown, so that the overview needn't wait for them. */
export function LaterTexts({ parts, children }: LaterTextsProps) {
  const { locale, messages, timeZone } = useIntl();
  const own = use(load(parts, chooseLocale([document.documentElement.lang, locale])));
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
