import { AlertIcon } from './icons';
import { useProblemText } from './useProblemText';

/** Says in a form why the last try failed. */
export function FormError({ error, text }: { error: Error | null; text?: string | undefined }) {
  const problemText = useProblemText();
  if (!error) return null;
  return (
    <p className="form-error" role="alert">
      <AlertIcon size={16} />
      <span>{text ?? problemText(error)}</span>
    </p>
  );
}
