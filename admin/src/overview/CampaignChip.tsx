import type { Campaign } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { goTo } from '../period/urlState';
import { IconButton } from '../ui/Button';
import { CloseIcon } from '../ui/icons';

/** Says that the page shows one campaign alone, and goes back to all. Its name comes with the campaigns. */
export function CampaignChip({ campaign }: { campaign: Campaign | undefined }) {
  const { t } = useFormat();
  return (
    <span className="chip">
      {t('analytics.campaign', { name: campaign?.name ?? '…' })}
      <IconButton label={t('analytics.clearCampaign')} onPress={() => goTo({ campaignId: undefined })}>
        <CloseIcon size={14} />
      </IconButton>
    </span>
  );
}
