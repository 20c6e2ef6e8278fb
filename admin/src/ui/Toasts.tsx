import { createContext, use, useState, type ReactNode } from 'react';
import { Text } from 'react-aria-components/Text';
import {
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components/Toast';
import { measureSeen } from '../frame/seen';
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
    measureSeen();
    queue.add(toast, toast.kind === 'good' ? { timeout: GOOD_MILLIS } : {});
  };
  return { queue, show };
}

/** The distance of the notices from the window's edge, and from what they keep clear. */
const MARGIN = 24;

/**
 * Keeps the end of the page clear of the notices over it: there is as much room below (`--toasts`, page.css), and whoever
 * looks at the end goes on looking at it.
 */
function keepClear(region: HTMLElement | null) {
  if (!region || typeof ResizeObserver === 'undefined') return;
  const page = document.documentElement;
  const observer = new ResizeObserver(() => {
    const room = region.offsetHeight + 2 * MARGIN;
    const below = page.scrollHeight - page.clientHeight - page.scrollTop;
    const before = parseFloat(page.style.getPropertyValue('--toasts')) || 0;
    page.style.setProperty('--toasts', `${room}px`);
    const covered = room - Math.max(before, below);
    if (covered > 0) page.scrollTop += covered;
  });
  observer.observe(region);
  return () => {
    observer.disconnect();
    page.style.removeProperty('--toasts');
  };
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const { t } = useFormat();
  const [{ queue, show }] = useState(createQueue);
  return (
    <ToastContext value={show}>
      {children}
      <ToastRegion ref={keepClear} queue={queue} className="toasts" aria-label={t('toast.region')}>
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
