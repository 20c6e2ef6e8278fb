import { lazy, Suspense, useState, type ReactNode } from 'react';
import { ReportWatch } from '../report/ReportWatch';
import { LazyBoundary } from '../ui/LazyBoundary';
import { DialogContext, type DialogRequest } from './dialogs';

const Dialogs = lazy(() => import('./Dialogs'));

/**
 * Shows the dialog that was asked for. The dialogs are loaded when the first one opens. A report outlives its
 * dialog: the watch stands around both.
 */
export function DialogHost({ children }: { children: ReactNode }) {
  const [request, setRequest] = useState<DialogRequest>();
  const close = (): void => setRequest(undefined);
  return (
    <DialogContext value={setRequest}>
      <ReportWatch>
        {children}
        {request && (
          <LazyBoundary onFailed={close}>
            <Suspense fallback={null}>
              <Dialogs request={request} onClose={close} />
            </Suspense>
          </LazyBoundary>
        )}
      </ReportWatch>
    </DialogContext>
  );
}
