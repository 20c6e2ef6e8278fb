import { useId } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextField } from 'react-aria-components/TextField';

interface TextInputProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  /** What is wrong with the value, if it may be said yet. */
  error?: string | undefined;
  type?: 'text' | 'email' | 'url' | 'password' | 'date';
  /** The bounds of a day. */
  min?: string;
  max?: string;
  autoFocus?: boolean;
  isReadOnly?: boolean;
  autoComplete?: string;
  maxLength?: number;
  /** What the browser offers while typing. */
  suggestions?: readonly string[];
}

export function TextInput({ label, hint, error, type = 'text', suggestions, min, max, ...props }: TextInputProps) {
  const listId = useId();
  return (
    <TextField {...props} className="field" type={type} isInvalid={error !== undefined} validationBehavior="aria">
      <Label>{label}</Label>
      <Input
        className="input"
        {...(suggestions ? { list: listId } : {})}
        {...(min ? { min } : {})}
        {...(max ? { max } : {})}
      />
      {suggestions && (
        <datalist id={listId}>
          {suggestions.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
      {hint && (
        <Text slot="description" className="muted small">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  );
}
