import { createContext, use, useState, type ReactNode } from 'react';
import { Text } from 'react-aria-components/Text';
import {
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components/Toast';
import { useFormat } from '../i18n/useFormat';
import { Button, IconButton } from './Button';
import { AlertIcon, CheckIcon, CloseIcon } from './icons';

export interface Toast {
  kind: 'good' | 'bad';
  title: string;
  text?: string;
  action?: { label: string; onPress: () => void };
}

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);

/** How long good news stays; bad news stays until it is closed. A pointer or the focus on it stops the clock. */
const GOOD_MILLIS = 8_000;
/** More at once would cover the page. */
const MOST_AT_ONCE = 3;

export function useToast(): (toast: Toast) => void {
  return use(ToastContext);
}

/** A queue that doesn't pile up: the newest good news takes the place of the one before, as does bad news said again. */
function createQueue(): { queue: ToastQueue<Toast>; show: (toast: Toast) => void } {
  const queue = new ToastQueue<Toast>({ maxVisibleToasts: MOST_AT_ONCE });
  const show = (toast: Toast): void => {
    for (const { key, content } of queue.visibleToasts) {
      if (content.kind === toast.kind && (toast.kind === 'good' || content.title === toast.title)) queue.close(key);
    }
    queue.add(toast, toast.kind === 'good' ? { timeout: GOOD_MILLIS } : {});
  };
  return { queue, show };
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const { t } = useFormat();
  const [{ queue, show }] = useState(createQueue);
  return (
    <ToastContext value={show}>
      {children}
      <ToastRegion queue={queue} className="toasts" aria-label={t('toast.region')}>
        {({ toast }) => (
          <AriaToast toast={toast} className={`toast ${toast.content.kind}`}>
            {toast.content.kind === 'good' ? <CheckIcon /> : <AlertIcon />}
            <div className="toast-body">
              <ToastContent>
                <Text slot="title" className="toast-title">
                  {toast.content.title}
                </Text>
                {toast.content.text && <Text slot="description">{toast.content.text}</Text>}
              </ToastContent>
              {toast.content.action && (
                <Button
                  kind="plain"
                  onPress={() => {
                    queue.close(toast.key);
                    toast.content.action?.onPress();
                  }}
                >
                  {toast.content.action.label}
                </Button>
              )}
            </div>
            <IconButton slot="close" label={t('action.close')}>
              <CloseIcon size={16} />
            </IconButton>
          </AriaToast>
        )}
      </ToastRegion>
    </ToastContext>
  );
}
