import { useFormat } from '../i18n/useFormat';
import { IconButton } from './Button';
import { CopyIcon } from './icons';
import { TextInput } from './TextInput';
import { useToast } from './Toasts';

/** A text to be put somewhere else: to read, and to copy with one press. */
export function CopyField({ label, value, hint }: { label: string; value: string; hint?: string }) {
  const { t } = useFormat();
  const toast = useToast();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value);
    toast({ kind: 'good', title: t('action.copied') });
  };
  return (
    <div className="copy-field">
      <TextInput label={label} value={value} {...(hint ? { hint } : {})} onChange={() => undefined} isReadOnly />
      <IconButton label={t('action.copy', { label })} onPress={() => void copy()}>
        <CopyIcon />
      </IconButton>
    </div>
  );
}
