import { useState } from 'react';
import { useSaveAccount } from '../api/changes';
import { LANGUAGES, type Language, type NewAccount } from '../api/types';
import { useApp } from '../app/AppContext';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { SelectField } from '../ui/SelectField';
import { TextInput } from '../ui/TextInput';
import { useToast } from '../ui/Toasts';
import { useFieldProblem } from '../ui/useProblemText';

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name.includes('/') || name === 'UTC';
  } catch {
    return false;
  }
};

const TIME_ZONES = Intl.supportedValuesOf('timeZone');

const isStoreUrl = (text: string): boolean => URL.canParse(text) && text.startsWith('https://');

const PHONE_NUMBER_ID = /^\d{1,50}$/;
const idsOf = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

const FIELDS = ['timeZone', 'storeUrl', 'phoneNumberIds'];

/** The first step of a new store: what the figures need to be counted on the right days. */
export default function SetupView() {
  const { t, language: spoken } = useFormat();
  const { canWrite } = useApp();
  const toast = useToast();
  const save = useSaveAccount();
  const [timeZone, setTimeZone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [language, setLanguage] = useState<Language>(spoken);
  const [storeUrl, setStoreUrl] = useState('https://');
  const [phones, setPhones] = useState('');
  const [tried, setTried] = useState(false);
  const fieldProblem = useFieldProblem();
  const phoneNumberIds = idsOf(phones);
  const wrongIds = !phoneNumberIds.every((id) => PHONE_NUMBER_ID.test(id));
  const valid = isTimeZone(timeZone) && isStoreUrl(storeUrl) && !wrongIds;
  const submit = (): void => {
    setTried(true);
    if (!valid || save.isPending) return;
    const account: NewAccount = { timeZone, language, storeUrl, phoneNumberIds };
    save.mutate(account, { onSuccess: () => toast({ kind: 'good', title: t('setup.saved') }) });
  };
  return (
    <section className="section setup" aria-labelledby="setup-title">
      <h2 id="setup-title">{t('setup.title')}</h2>
      <p className="muted">{t('setup.text')}</p>
      <FieldForm className="card setup-form" error={save.error} onSubmit={submit}>
        <TextInput
          label={t('setup.timeZone')}
          hint={t('setup.timeZoneHint')}
          value={timeZone}
          suggestions={TIME_ZONES}
          onChange={setTimeZone}
          error={tried && !isTimeZone(timeZone) ? t('setup.timeZoneInvalid') : fieldProblem(save.error, 'timeZone')}
        />
        <SelectField
          label={t('setup.language')}
          choices={LANGUAGES.map((id) => ({ id, label: t(`language.${id}`) }))}
          value={language}
          onChange={setLanguage}
        />
        <TextInput
          label={t('setup.storeUrl')}
          type="url"
          value={storeUrl}
          onChange={setStoreUrl}
          error={tried && !isStoreUrl(storeUrl) ? t('setup.storeUrlInvalid') : fieldProblem(save.error, 'storeUrl')}
        />
        <TextInput
          label={t('setup.phoneNumberIds')}
          hint={t('setup.phoneNumberIdsHint')}
          value={phones}
          onChange={setPhones}
          error={tried && wrongIds ? t('setup.phoneInvalid') : fieldProblem(save.error, 'phoneNumberIds')}
        />
        <FormError error={save.error} except={FIELDS} />
        <div>
          <Button kind="primary" type="submit" isBusy={save.isPending} isDisabled={!canWrite}>
            {t('setup.save')}
          </Button>
        </div>
      </FieldForm>
    </section>
  );
}
