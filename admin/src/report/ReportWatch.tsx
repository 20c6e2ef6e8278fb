import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { useReport } from '../api/queries';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import { useToast } from '../ui/Toasts';
import { outcomes } from './outcomes';
import { isUnderWay } from './underWay';
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
  useEffect(() => {
    if (!data || isUnderWay(data)) return;
    const { email } = request;
    const { good, title, text } = outcomes(data);
    const again = (): void => openDialog({ kind: 'report', again: request });
    toast({
      kind: good ? 'good' : 'bad',
      title: t(title, { email }),
      text: t(text),
      ...(good ? {} : { action: { label: t('report.again'), onPress: again } }),
    });
    onDone(id);
  }, [data, id, request, toast, onDone, openDialog, t]);
  return null;
}
