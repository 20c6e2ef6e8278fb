import { useEffect, useState, type ReactNode } from 'react';
import { Form } from 'react-aria-components/Form';
import { useFocusPassedOn } from './focus';

interface FieldFormProps {
  className?: string;
  /** Why the API refused the last try. */
  error: Error | null;
  onSubmit: () => void;
  children: ReactNode;
}

/** A form that says itself what is wrong, below each field; after a try that failed the first wrong field has the focus. */
export function FieldForm({ className = 'dialog-form', error, onSubmit, children }: FieldFormProps) {
  const form = useFocusPassedOn<HTMLFormElement>();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (tries === 0) return;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form, tries, error]);
  return (
    <Form
      ref={form}
      validationBehavior="aria"
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        setTries((before) => before + 1);
        onSubmit();
      }}
    >
      {children}
    </Form>
  );
}
