import { useCampaigns } from '../api/queries';
import { useFormat } from '../i18n/useFormat';
import { SelectField } from './SelectField';

/** Stands for all campaigns among the choices. */
const ALL = '';

interface CampaignFieldProps {
  /** One campaign, or all of them. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** One campaign or all. */
export function CampaignField({ value, onChange }: CampaignFieldProps) {
  const { t } = useFormat();
  const { data } = useCampaigns();
  return (
    <SelectField
      label={t('report.campaign')}
      choices={[
        { id: ALL, label: t('report.allCampaigns') },
        ...(data ?? []).map(({ campaignId, name }) => ({ id: campaignId, label: name })),
      ]}
      value={value ?? ALL}
      onChange={(chosen) => onChange(chosen || undefined)}
    />
  );
}
