import { useAccount, useHistory } from '../api/queries';
import type { Campaign } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { DialogBody, ModalDialog } from '../ui/ModalDialog';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';
import { ChangeList } from './ChangeList';
import { useAuthor } from './useAuthor';

interface HistoryDialogProps {
  campaign: Campaign;
  onClose: () => void;
}

/** Who changed what and when. */
export function HistoryDialog({ campaign, onClose }: HistoryDialogProps) {
  const { t, instant } = useFormat();
  const author = useAuthor();
  const history = useHistory(campaign.campaignId);
  const { data: account } = useAccount();
  const timeZone = account?.timeZone ?? 'UTC';
  return (
    <ModalDialog title={t('history.title', { name: campaign.name })} onClose={onClose}>
      <DialogBody>
        {history.isError ? (
          <PanelError level={2} error={history.error} onRetry={() => void history.refetch()} />
        ) : !history.data ? (
          <Skeleton height={120} />
        ) : history.data.length === 0 ? (
          <p className="muted">{t('history.empty')}</p>
        ) : (
          <ol className="history">
            {history.data.map(({ version, at, by, changes }) => (
              <li key={version}>
                {version === 1 ? <p>{t('history.created')}</p> : <ChangeList changes={changes} />}
                <p className="muted small">{t('history.by', { by: author(by), at: instant(at, timeZone) })}</p>
              </li>
            ))}
          </ol>
        )}
      </DialogBody>
    </ModalDialog>
  );
}
