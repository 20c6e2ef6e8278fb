import { useEffect, useRef } from 'react';
import { useReport } from '../api/queries';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { AlertIcon, CheckIcon } from '../ui/icons';
import { DialogBody, DialogFoot } from '../ui/ModalDialog';
import { Spinner } from '../ui/Spinner';

interface ReportProgressProps {
  id: string;
  email: string;
  /** The report was mailed or failed: there is nothing left to watch. */
  onDone: () => void;
  onAgain: () => void;
  onClose: () => void;
}

export function ReportProgress({ id, email, onDone, onAgain, onClose }: ReportProgressProps) {
  const { t } = useFormat();
  const { data } = useReport(id);
  const { status = 'requested', nextAttemptAt, file } = data ?? {};
  const ended = status === 'mailed' || status === 'failed';
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
          {status === 'mailed' ? <CheckIcon size={28} /> : status === 'failed' ? <AlertIcon size={28} /> : <Spinner />}
          <p className="progress-title">
            {t(status === 'mailed' ? 'report.mailed' : status === 'failed' ? 'report.failed' : 'report.queued', {
              email,
            })}
          </p>
          <p className="muted">
            {status === 'mailed' && file && `${t('report.rows', { count: file.rows })} `}
            {t(
              status === 'mailed'
                ? 'report.mailedText'
                : status === 'failed'
                  ? 'report.failedText'
                  : nextAttemptAt
                    ? 'report.waiting'
                    : 'report.working',
            )}
          </p>
        </div>
      </DialogBody>
      <DialogFoot>
        {status === 'failed' && (
          <Button kind="primary" onPress={onAgain}>
            {t('report.again')}
          </Button>
        )}
        <Button onPress={onClose} autoFocus>
          {t('action.close')}
        </Button>
      </DialogFoot>
    </>
  );
}
