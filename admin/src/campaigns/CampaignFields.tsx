import { LANGUAGES, MESSAGE_TYPES, type NewCampaign } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { SelectField } from '../ui/SelectField';
import { TextInput } from '../ui/TextInput';

const NAME_CHARS = 80;

export const isName = (name: string): boolean => name.trim().length > 0 && Array.from(name).length <= NAME_CHARS;

interface CampaignFieldsProps {
  value: NewCampaign;
  onChange: (value: NewCampaign) => void;
  nameError: string | undefined;
}

export function CampaignFields({ value, onChange, nameError }: CampaignFieldsProps) {
  const { t } = useFormat();
  return (
    <>
      <TextInput
        label={t('edit.name')}
        value={value.name}
        onChange={(name) => onChange({ ...value, name })}
        error={nameError}
        autoFocus
        autoComplete="off"
      />
      <SelectField
        label={t('campaigns.language')}
        choices={LANGUAGES.map((id) => ({ id, label: t(`language.${id}`) }))}
        value={value.language}
        onChange={(language) => onChange({ ...value, language })}
      />
      <SelectField
        label={t('campaigns.messageType')}
        choices={MESSAGE_TYPES.map((id) => ({ id, label: t(`messageType.${id}`) }))}
        value={value.messageType}
        onChange={(messageType) => onChange({ ...value, messageType })}
      />
    </>
  );
}
