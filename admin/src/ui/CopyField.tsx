import { useRef } from 'react';
import { useFormat } from '../i18n/useFormat';
import { IconButton } from './Button';
import { CopyIcon } from './icons';
import { TextInput } from './TextInput';
import { useCopy } from './useCopy';

/** A text to be put somewhere else: to read, and to copy with one press. */
export function CopyField({ label, value, hint }: { label: string; value: string; hint?: string }) {
  const { t } = useFormat();
  const copy = useCopy();
  const box = useRef<HTMLDivElement>(null);
  const press = async (): Promise<void> => {
    // Where the browser refuses, the text is selected: one key copies it.
    if (!(await copy(value))) box.current?.querySelector('input')?.select();
  };
  return (
    <div ref={box} className="copy-field">
      <TextInput label={label} value={value} {...(hint ? { hint } : {})} onChange={() => undefined} isReadOnly />
      <IconButton label={t('action.copy', { label })} onPress={() => void press()}>
        <CopyIcon />
      </IconButton>
    </div>
  );
}
