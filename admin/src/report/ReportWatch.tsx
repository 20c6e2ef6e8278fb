import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { useReport } from '../api/queries';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import { useToast } from '../ui/Toasts';
import { ReportWatchContext, type WatchedReport } from './reportWatch';

/** Watches reports whose dialog was closed, and says when each was mailed or failed. */
export function ReportWatch({ children }: { children: ReactNode }) {
  const [watched, setWatched] = useState<WatchedReport[]>([]);
  const watch = useCallback((report: WatchedReport) => setWatched((all) => [...all, report]), []);
  const done = useCallback((id: string) => setWatched((all) => all.filter((each) => each.id !== id)), []);
  return (
    <ReportWatchContext value={watch}>
      {children}
      {watched.map((report) => (
        <Watcher key={report.id} report={report} onDone={done} />
      ))}
    </ReportWatchContext>
  );
}

function Watcher({ report: { id, request }, onDone }: { report: WatchedReport; onDone: (id: string) => void }) {
  const { t } = useFormat();
  const toast = useToast();
  const openDialog = useDialogs();
  const { data } = useReport(id);
  const status = data?.status;
  useEffect(() => {
    const { email, from, to } = request;
    if (status === 'mailed') {
      toast({ kind: 'good', title: t('report.mailed', { email }), text: t('report.mailedText') });
      onDone(id);
    } else if (status === 'failed') {
      const again = (): void => openDialog({ kind: 'report', range: { from, to }, campaign: undefined, email });
      toast({
        kind: 'bad',
        title: t('report.failed', { email }),
        text: t('report.failedText'),
        action: { label: t('report.again'), onPress: again },
      });
      onDone(id);
    }
  }, [status, id, request, toast, onDone, openDialog, t]);
  return null;
}
