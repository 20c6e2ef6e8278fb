import { useLayoutEffect, type ReactNode } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { measureSeen } from '../frame/seen';
import { useFormat } from '../i18n/useFormat';
import { IconButton } from './Button';
import { CloseIcon } from './icons';

interface ModalDialogProps {
  title: string;
  /** An alert dialog asks for a decision: a click beside it doesn't dismiss it. */
  alert?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog over the page. It opens with its first render; whoever shows it takes it away in `onClose`. */
export function ModalDialog({ title, alert = false, onClose, children }: ModalDialogProps) {
  const { t } = useFormat();
  useLayoutEffect(measureSeen, []);
  return (
    <ModalOverlay className="scrim" isOpen isDismissable={!alert} onOpenChange={(open) => !open && onClose()}>
      <Modal className="modal">
        <Dialog role={alert ? 'alertdialog' : 'dialog'} className="dialog">
          <header className="dialog-head">
            <Heading slot="title" level={1}>
              {title}
            </Heading>
            <IconButton label={t('action.close')} onPress={onClose}>
              <CloseIcon />
            </IconButton>
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

export const DialogBody = ({ children }: { children: ReactNode }) => <div className="dialog-body">{children}</div>;

export const DialogFoot = ({ children }: { children: ReactNode }) => (
  <footer className="dialog-foot">{children}</footer>
);
