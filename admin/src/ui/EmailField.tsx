import { useFormat } from '../i18n/useFormat';
import { isEmail } from './email';
import { TextInput } from './TextInput';
import { useFieldProblem } from './useProblemText';

interface EmailFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Whether the form was sent, so that it may be said what is wrong. */
  tried: boolean;
  /** Why the API refused the last try. */
  error: Error | null;
  autoFocus?: boolean;
  /** Addresses that the browser offers while typing. */
  suggestions?: readonly string[];
}

/** An address that reports are mailed to. */
export function EmailField({ label, value, onChange, tried, error, autoFocus = false, suggestions }: EmailFieldProps) {
  const { t } = useFormat();
  const fieldProblem = useFieldProblem();
  const wrong = tried && !isEmail(value.trim());
  return (
    <TextInput
      label={label}
      type="email"
      autoComplete="email"
      autoFocus={autoFocus}
      {...(suggestions ? { suggestions } : {})}
      value={value}
      onChange={onChange}
      error={wrong ? t('report.emailInvalid') : fieldProblem(error, 'email')}
    />
  );
}
