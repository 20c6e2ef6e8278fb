import { useEffect, useRef } from 'react';
import { useReport } from '../api/queries';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FormError } from '../ui/FormError';
import { AlertIcon, CheckIcon } from '../ui/icons';
import { DialogBody, DialogFoot } from '../ui/ModalDialog';
import { Spinner } from '../ui/Spinner';
import { outcomes } from './outcomes';
import { isUnderWay } from './underWay';
import { useReportFile } from './useReportFile';

interface ReportProgressProps {
  id: string;
  email: string;
  /** The report was mailed, failed or waits for its reader: there is nothing left to watch. */
  onDone: () => void;
  onAgain: () => void;
  /** Goes back to what was asked for, to ask for something else. */
  onChange: () => void;
  /** Another try is under way, and why the last one was refused. */
  isBusy: boolean;
  error: Error | null;
  onClose: () => void;
}

export function ReportProgress({ id, email, onDone, onAgain, onChange, isBusy, error, onClose }: ReportProgressProps) {
  const { t } = useFormat();
  const { data } = useReport(id);
  const { status = 'requested', nextAttemptAt, file } = data ?? {};
  const outcome = data && !isUnderWay(data) ? outcomes(data) : undefined;
  const ended = outcome !== undefined;
  const told = useRef(false);
  useEffect(() => {
    if (!ended || told.current) return;
    told.current = true;
    onDone();
  }, [ended, onDone]);
  return (
    <>
      <DialogBody>
        <div className={`progress ${status}`} role="status">
          {!outcome ? <Spinner /> : outcome.good ? <CheckIcon size={28} /> : <AlertIcon size={28} />}
          <p className="progress-title">{t(outcome?.title ?? 'report.queued', { email })}</p>
          <p className="muted">
            {status === 'mailed' && file && `${t('report.rows', { count: file.rows })} `}
            {t(outcome?.text ?? (nextAttemptAt ? 'report.waiting' : 'report.working'))}
          </p>
        </div>
        <FormError error={error} />
      </DialogBody>
      <DialogFoot>
        {file && <DownloadButton id={id} />}
        {outcome?.again === 'same' && (
          <Button kind="primary" isBusy={isBusy} onPress={onAgain}>
            {t('report.again')}
          </Button>
        )}
        {outcome?.again === 'changed' && (
          <Button kind="primary" onPress={onChange}>
            {t('report.change')}
          </Button>
        )}
        <Button onPress={onClose} autoFocus>
          {t('action.close')}
        </Button>
      </DialogFoot>
    </>
  );
}

/** The file itself, beside the mail. */
function DownloadButton({ id }: { id: string }) {
  const { t } = useFormat();
  const { fetchFile, isPending } = useReportFile();
  return (
    <Button onPress={() => fetchFile(id)} isBusy={isPending}>
      {t('report.download')}
    </Button>
  );
}
