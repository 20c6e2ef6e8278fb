import { Label } from 'react-aria-components/Label';
import { RadioButton, RadioField as Field, RadioGroup } from 'react-aria-components/RadioGroup';

interface RadioFieldProps<T extends string> {
  label: string;
  choices: readonly { id: T; label: string; text?: string }[];
  value: T;
  onChange: (value: T) => void;
}

export function RadioField<T extends string>({ label, choices, value, onChange }: RadioFieldProps<T>) {
  return (
    <RadioGroup className="field" value={value} onChange={(chosen) => onChange(chosen as T)}>
      <Label>{label}</Label>
      <div className="radios">
        {choices.map((choice) => (
          <Field key={choice.id} value={choice.id}>
            <RadioButton className="radio">
              <span className="radio-dot" aria-hidden="true" />
              <span>
                <span className="radio-label">{choice.label}</span>
                {choice.text && <span className="muted small radio-text">{choice.text}</span>}
              </span>
            </RadioButton>
          </Field>
        ))}
      </div>
    </RadioGroup>
  );
}
