import { Button } from 'react-aria-components/Button';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select, SelectValue } from 'react-aria-components/Select';
import { CheckIcon, ChevronIcon } from './icons';

export interface Choice<T extends string> {
  id: T;
  label: string;
}

interface SelectFieldProps<T extends string> {
  label: string;
  choices: readonly Choice<T>[];
  value: T;
  onChange: (value: T) => void;
  isDisabled?: boolean;
}

export function SelectField<T extends string>({
  label,
  choices,
  value,
  onChange,
  isDisabled = false,
}: SelectFieldProps<T>) {
  return (
    <Select
      className="field"
      isDisabled={isDisabled}
      value={value}
      onChange={(key) => key !== null && onChange(key as T)}
    >
      <Label>{label}</Label>
      <Button className="select-button">
        <SelectValue />
        <ChevronIcon size={16} />
      </Button>
      <Popover className="popover select-popover">
        <ListBox className="menu" items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.label} className="menu-item">
              {({ isSelected }) => (
                <>
                  <span>{choice.label}</span>
                  {isSelected && <CheckIcon size={16} />}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
