import { lazy, Suspense, useState, type ReactNode } from 'react';
import { LazyBoundary } from '../ui/LazyBoundary';
import { DialogContext, type DialogRequest } from './dialogs';

const Dialogs = lazy(() => import('./Dialogs'));

/** Shows the dialog that was asked for. The dialogs are loaded when the first one opens. */
export function DialogHost({ children }: { children: ReactNode }) {
  const [request, setRequest] = useState<DialogRequest>();
  const close = (): void => setRequest(undefined);
  return (
    <DialogContext value={setRequest}>
      {children}
      {request && (
        <LazyBoundary onFailed={close}>
          <Suspense fallback={null}>
            <Dialogs request={request} onClose={close} />
          </Suspense>
        </LazyBoundary>
      )}
    </DialogContext>
  );
}
