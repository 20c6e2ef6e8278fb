import { useAccount, useHistory } from '../api/queries';
import type { Campaign, CampaignChange } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { DialogBody, ModalDialog } from '../ui/ModalDialog';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';
import { ChangeList } from './ChangeList';

interface HistoryDialogProps {
  campaign: Campaign;
  onClose: () => void;
}

/** Who changed what and when. */
export function HistoryDialog({ campaign, onClose }: HistoryDialogProps) {
  const { t, instant } = useFormat();
  const history = useHistory(campaign.campaignId);
  const { data: account } = useAccount();
  const timeZone = account?.timeZone ?? 'UTC';
  return (
    <ModalDialog title={t('history.title', { name: campaign.name })} onClose={onClose}>
      <DialogBody>
        {history.isError ? (
          <PanelError error={history.error} onRetry={() => void history.refetch()} />
        ) : !history.data ? (
          <Skeleton height={120} />
        ) : history.data.length === 0 ? (
          <p className="muted">{t('history.empty')}</p>
        ) : (
          <ol className="history">
            {history.data.map((change) => (
              <li key={change.after.version}>
                <What change={change} />
                <p className="muted small">{t('history.by', { by: change.by, at: instant(change.at, timeZone) })}</p>
              </li>
            ))}
          </ol>
        )}
      </DialogBody>
    </ModalDialog>
  );
}

function What({ change: { before, after } }: { change: CampaignChange }) {
  const { t } = useFormat();
  if (!before) return <p>{t('history.created')}</p>;
  if (before.status !== after.status) {
    return <p>{t(after.status === 'paused' ? 'history.paused' : 'history.resumed')}</p>;
  }
  return <ChangeList before={before} after={after} />;
}
