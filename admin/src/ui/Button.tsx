import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';
import { useFocusPassedOn } from './focus';

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style'> {
  kind?: 'primary' | 'secondary' | 'danger' | 'plain';
  /** Its action is under way: it keeps the focus and takes no second press. */
  isBusy?: boolean;
}

export function Button({ kind = 'secondary', isBusy = false, onPress, ...props }: ButtonProps) {
  const ref = useFocusPassedOn<HTMLButtonElement>();
  return (
    <AriaButton
      ref={ref}
      {...props}
      {...(onPress && !isBusy ? { onPress } : {})}
      className={`button ${kind}${isBusy ? ' busy' : ''}`}
    />
  );
}

export function IconButton({ label, ...props }: Omit<AriaButtonProps, 'className' | 'style'> & { label?: string }) {
  const ref = useFocusPassedOn<HTMLButtonElement>();
  return <AriaButton ref={ref} {...props} {...(label ? { 'aria-label': label } : {})} className="icon-button" />;
}
