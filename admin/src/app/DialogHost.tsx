import { lazy, Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { ReportWatch } from '../report/ReportWatch';
import { passFocusOn } from '../ui/focus';
import { LazyBoundary } from '../ui/LazyBoundary';
import { DialogContext, type DialogRequest } from './dialogs';
import { OVERLAYS_ID } from './overlays';

const Dialogs = lazy(() => import('./Dialogs'));

/**
 * Shows the dialog that was asked for. The dialogs are loaded when the first one opens. A report outlives its
 * dialog: the watch stands around both.
 */
export function DialogHost({ children }: { children: ReactNode }) {
  const [request, setRequest] = useState<DialogRequest>();
  const close = (): void => setRequest(undefined);
  const section = useRef<Element>(null);
  const open = useCallback((asked: DialogRequest): void => {
    section.current = sectionAsking();
    setRequest(asked);
  }, []);
  useEffect(() => {
    if (!request) return;
    // What asked for the dialog may be gone when it closes: an empty list's button, the menu of a row that left.
    return () => passFocusOn(section.current);
  }, [request]);
  return (
    <DialogContext value={open}>
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

/** The section in which a dialog is being asked for: by a button, or by the entry of a menu that is still open. */
function sectionAsking(): Element | null {
  const focused = document.activeElement;
  const isEntry = focused?.closest(`#${OVERLAYS_ID}`);
  return (isEntry ? document.querySelector('[aria-expanded="true"]') : focused)?.closest('section') ?? null;
}
