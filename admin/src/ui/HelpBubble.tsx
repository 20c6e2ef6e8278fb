import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { OverlayArrow, Tooltip, TooltipTrigger } from 'react-aria-components/Tooltip';

interface HelpBubbleProps {
  /** What the button is called. */
  label: string;
  text: string;
  /**
   * Whether what it explains has the focus and is described by the same text: then it shows, and is no place of its
   * own for the keyboard to stop at.
   */
  isShown?: boolean;
  /** Told when the reader closes what the focus elsewhere had opened. */
  onDismiss?: () => void;
}

/** A question mark that explains: on hover, on focus, and on a tap, where there is no hover. */
export function HelpBubble({ label, text, isShown = false, onDismiss }: HelpBubbleProps) {
  const [isOpen, setOpen] = useState(false);
  const change = (open: boolean): void => {
    setOpen(open);
    if (!open) onDismiss?.();
  };
  return (
    <TooltipTrigger
      delay={150}
      closeDelay={100}
      isOpen={isOpen || isShown}
      onOpenChange={change}
      shouldCloseOnPress={false}
    >
      <Button
        className="help"
        aria-label={label}
        excludeFromTabOrder={onDismiss !== undefined}
        onPress={() => setOpen(true)}
        onBlur={() => setOpen(false)}
      >
        ?
      </Button>
      <Tooltip className="bubble" placement="top" offset={8}>
        <OverlayArrow className="bubble-arrow">
          <svg width="12" height="6" viewBox="0 0 12 6" aria-hidden="true">
            <path d="m0 0 6 6 6-6z" />
          </svg>
        </OverlayArrow>
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}
