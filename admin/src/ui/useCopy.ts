import { useFormat } from '../i18n/useFormat';
import { useToast } from './Toasts';

/** Copies a text and says so. A page in a frame may be refused that: then it says what to do instead, and answers false. */
export function useCopy(): (text: string) => Promise<boolean> {
  const { t } = useFormat();
  const toast = useToast();
  return async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      toast({ kind: 'bad', title: t('action.copyRefused') });
      return false;
    }
    toast({ kind: 'good', title: t('action.copied') });
    return true;
  };
}
