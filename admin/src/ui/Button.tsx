import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style'> {
  kind?: 'primary' | 'secondary' | 'danger' | 'plain';
}

export function Button({ kind = 'secondary', ...props }: ButtonProps) {
  return <AriaButton {...props} className={kind === 'secondary' ? 'button' : `button ${kind}`} />;
}

export function IconButton({ label, ...props }: Omit<AriaButtonProps, 'className' | 'style'> & { label?: string }) {
  return <AriaButton {...props} {...(label ? { 'aria-label': label } : {})} className="icon-button" />;
}
