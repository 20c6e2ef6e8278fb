import { useCampaigns } from '../api/queries';
import { useFormat } from '../i18n/useFormat';
import { goTo } from '../period/urlState';

/** The value of a browser's list that stands for no choice. */
const ALL = '';

/** Narrows what is shown to one campaign; the choice is part of the address. */
export function CampaignFilter({ campaignId }: { campaignId: string | undefined }) {
  const { t } = useFormat();
  const { data: campaigns } = useCampaigns();
  return (
    <select
      className="input filter"
      aria-label={t('purchases.campaign')}
      value={campaignId ?? ALL}
      onChange={({ target }) => goTo({ campaignId: target.value || undefined })}
    >
      <option value={ALL}>{t('report.allCampaigns')}</option>
      {campaignId && !campaigns?.some((each) => each.campaignId === campaignId) && (
        <option value={campaignId}>{campaigns ? t('analytics.campaignUnknown') : '…'}</option>
      )}
      {campaigns?.map((each) => (
        <option key={each.campaignId} value={each.campaignId}>
          {each.name}
        </option>
      ))}
    </select>
  );
}
