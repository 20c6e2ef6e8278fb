import { AlertIcon } from './icons';
import { fieldOf, useProblemText } from './useProblemText';

interface FormErrorProps {
  error: Error | null;
  /** Said instead of what the problem is called in general. */
  text?: string | undefined;
  /** The fields that say themselves what is wrong with them. */
  except?: readonly string[];
}

/** Says in a form why the last try failed. */
export function FormError({ error, text, except = [] }: FormErrorProps) {
  const problemText = useProblemText();
  if (!error || except.includes(fieldOf(error) ?? '')) return null;
  return (
    <p className="form-error" role="alert">
      <AlertIcon size={16} />
      <span>{text ?? problemText(error)}</span>
    </p>
  );
}
