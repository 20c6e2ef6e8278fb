import type { MessageFormatElement } from 'react-intl';

export const LOCALES = ['pt-BR', 'en-US', 'es'] as const;
export type Locale = (typeof LOCALES)[number];

const byLanguage: Record<string, Locale> = { pt: 'pt-BR', en: 'en-US', es: 'es' };

/** The first wish that the page speaks, by language; English where none is. */
export function chooseLocale(wishes: readonly (string | null)[]): Locale {
  for (const wish of wishes) {
    const language = wish?.toLowerCase().split(/[-_]/)[0] ?? '';
    const locale = byLanguage[language];
    if (locale) return locale;
  }
  return 'en-US';
}

/**
 * The region whose formats are used for a language: the first wish in that language, so that Mexico gets its
 * own decimal point. A wish without a region takes the language's own.
 */
export function chooseFormats(locale: Locale, wishes: readonly (string | null)[]): string {
  const language = locale.slice(0, 2);
  const wish = wishes.find((each) => each?.toLowerCase().split(/[-_]/)[0] === language)?.replaceAll('_', '-');
  if (!wish?.includes('-')) return locale;
  try {
    return Intl.NumberFormat.supportedLocalesOf(wish)[0] ?? locale;
  } catch {
    return locale;
  }
}

/** What the user asked for by `?locale=`, then what the browser asks for. */
export function wishedLocales(): (string | null)[] {
  const asked = new URLSearchParams(window.location.search).get('locale');
  return [asked, ...navigator.languages];
}

/** Puts a wish into the address, where it stays. */
export function wishLocale(locale: string): void {
  const address = new URL(window.location.href);
  address.searchParams.set('locale', locale);
  window.history.replaceState(window.history.state, '', address);
}

type Messages = Record<string, MessageFormatElement[]>;

const loaders: Record<Locale, () => Promise<{ default: unknown }>> = {
  'pt-BR': () => import('../messages/pt-BR.json'),
  'en-US': () => import('../messages/en-US.json'),
  es: () => import('../messages/es.json'),
};

/** The messages of a language, compiled to syntax trees by the build. */
export async function loadMessages(locale: Locale): Promise<Messages> {
  return (await loaders[locale]()).default as Messages;
}
