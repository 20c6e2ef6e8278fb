import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
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

/** How long good news stays; bad news stays until it is closed. */
const GOOD_MILLIS = 8_000;

export function useToast(): (toast: Toast) => void {
  return use(ToastContext);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const { t } = useFormat();
  const [toasts, setToasts] = useState<(Toast & { id: number })[]>([]);
  const nextId = useRef(0);
  const close = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const show = useCallback(
    (toast: Toast) => {
      const id = nextId.current++;
      setToasts((all) => [...all.slice(-2), { ...toast, id }]);
      if (toast.kind === 'good') setTimeout(() => close(id), GOOD_MILLIS);
    },
    [close],
  );
  const region = useMemo(() => toasts, [toasts]);
  return (
    <ToastContext value={show}>
      {children}
      {/* data-react-aria-top-layer keeps the region reachable while a dialog hides the rest of the page. */}
      <section className="toasts" aria-label={t('toast.region')} aria-live="polite" data-react-aria-top-layer>
        {region.map((toast) => (
          <div key={toast.id} className={`toast ${toast.kind}`}>
            {toast.kind === 'good' ? <CheckIcon /> : <AlertIcon />}
            <div className="toast-body">
              <p className="toast-title">{toast.title}</p>
              {toast.text && <p>{toast.text}</p>}
              {toast.action && (
                <Button
                  kind="plain"
                  onPress={() => {
                    close(toast.id);
                    toast.action?.onPress();
                  }}
                >
                  {toast.action.label}
                </Button>
              )}
            </div>
            <IconButton label={t('action.close')} onPress={() => close(toast.id)}>
              <CloseIcon size={16} />
            </IconButton>
          </div>
        ))}
      </section>
    </ToastContext>
  );
}
