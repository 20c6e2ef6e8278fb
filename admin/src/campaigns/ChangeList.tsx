import type { NewCampaign } from '../api/types';
import { useFormat } from '../i18n/useFormat';

interface ChangeListProps {
  before: NewCampaign;
  after: NewCampaign;
}

/** What differs between two states of a campaign, one line a field. */
export function ChangeList({ before, after }: ChangeListProps) {
  const { t } = useFormat();
  const lines = [
    { field: t('edit.name'), before: before.name, after: after.name },
    { field: t('campaigns.language'), before: t(`language.${before.language}`), after: t(`language.${after.language}`) },
    {
      field: t('campaigns.messageType'),
      before: t(`messageType.${before.messageType}`),
      after: t(`messageType.${after.messageType}`),
    },
  ].filter((line) => line.before !== line.after);
  return (
    <ul className="change-list">
      {lines.map((line) => (
        <li key={line.field}>{t('edit.change', line)}</li>
      ))}
    </ul>
  );
}
