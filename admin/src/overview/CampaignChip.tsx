import { useCampaigns } from '../api/queries';
import { useFormat } from '../i18n/useFormat';
import { goTo } from '../period/urlState';
import { IconButton } from '../ui/Button';
import { CloseIcon } from '../ui/icons';

/** Says that the page shows one campaign alone, and goes back to all. Its name comes with the campaigns. */
export function CampaignChip({ campaignId }: { campaignId: string }) {
  const { t } = useFormat();
  const { data } = useCampaigns();
  const campaign = data?.find((each) => each.campaignId === campaignId);
  return (
    <span className="chip">
      <span>
        {data && !campaign ? t('analytics.campaignUnknown') : t('analytics.campaign', { name: campaign?.name ?? '…' })}
      </span>
      <IconButton label={t('analytics.clearCampaign')} onPress={() => goTo({ campaignId: undefined })}>
        <CloseIcon size={14} />
      </IconButton>
    </span>
  );
}
