import { useApp } from '../app/AppContext';
import { useFormat } from '../i18n/useFormat';

/** How much of an id is told: enough to tell two people apart. */
const END_CHARS = 4;

/** Who did something, from the subject of their token: an id means nothing to a reader, an address or a name does. */
export function useAuthor(): (subject: string) => string {
  const { t } = useFormat();
  const { subject: own } = useApp();
  return (subject) => {
    if (subject === own) return t('history.you');
    if (isId(subject)) return t('history.someone', { end: subject.slice(-END_CHARS) });
    return subject;
  };
}

/** Providers make subjects of digits, hexadecimal digits, and both behind a `|`; names and addresses are other words. */
const isId = (subject: string): boolean =>
  !subject.includes('@') && /\d/.test(subject) && /^[\w|:.-]{8,}$/.test(subject);
