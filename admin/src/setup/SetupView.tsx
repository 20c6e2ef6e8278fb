import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { isProblem } from '../api/problem';
import { useSaveAccount } from '../api/changes';
import { LANGUAGES, type Language, type NewAccount } from '../api/types';
import { useApp } from '../app/AppContext';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FormError } from '../ui/FormError';
import { SelectField } from '../ui/SelectField';
import { TextInput } from '../ui/TextInput';
import { useToast } from '../ui/Toasts';

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name.includes('/') || name === 'UTC';
  } catch {
    return false;
  }
};

const TIME_ZONES = Intl.supportedValuesOf('timeZone');

/** Empty: the server takes that of the time zone. */
const isCountryCode = (text: string): boolean => /^(?:\+?[1-9]\d{0,2})?$/.test(text.trim());

const isStoreUrl = (text: string): boolean => URL.canParse(text) && text.startsWith('https://');

const split = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

/** The first step of a new store: what the figures need to be counted on the right days. */
export default function SetupView() {
  const { t, language: spoken } = useFormat();
  const { canWrite } = useApp();
  const toast = useToast();
  const save = useSaveAccount();
  const [timeZone, setTimeZone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [countryCode, setCountryCode] = useState('');
  const [language, setLanguage] = useState<Language>(spoken);
  const [storeUrl, setStoreUrl] = useState('https://');
  const [phones, setPhones] = useState('');
  const [domains, setDomains] = useState('');
  const [tried, setTried] = useState(false);
  const unknownCountry = isProblem(save.error, 'invalid-field') && save.error.field === 'countryCode';
  const valid = isTimeZone(timeZone) && isCountryCode(countryCode) && isStoreUrl(storeUrl);
  const submit = (): void => {
    setTried(true);
    if (!valid || save.isPending) return;
    const phoneNumberIds = split(phones);
    const reportDomains = split(domains);
    const code = countryCode.trim().replace('+', '');
    const account: NewAccount = {
      timeZone,
      ...(code ? { countryCode: code } : {}),
      language,
      storeUrl,
      phoneNumberIds,
      ...(reportDomains.length > 0 ? { reportDomains } : {}),
    };
    save.mutate(account, { onSuccess: () => toast({ kind: 'good', title: t('setup.saved') }) });
  };
  return (
    <section className="section setup" aria-labelledby="setup-title">
      <h2 id="setup-title">{t('setup.title')}</h2>
      <p className="muted">{t('setup.text')}</p>
      <Form
        validationBehavior="aria"
        className="card setup-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextInput
          label={t('setup.timeZone')}
          hint={t('setup.timeZoneHint')}
          value={timeZone}
          suggestions={TIME_ZONES}
          onChange={setTimeZone}
          error={tried && !isTimeZone(timeZone) ? t('setup.timeZoneInvalid') : undefined}
        />
        <TextInput
          label={t('setup.countryCode')}
          hint={t('setup.countryCodeHint')}
          value={countryCode}
          onChange={setCountryCode}
          error={(tried && !isCountryCode(countryCode)) || unknownCountry ? t('setup.countryCodeInvalid') : undefined}
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
          error={tried && !isStoreUrl(storeUrl) ? t('setup.storeUrlInvalid') : undefined}
        />
        <TextInput
          label={t('setup.phoneNumberIds')}
          hint={t('setup.phoneNumberIdsHint')}
          value={phones}
          onChange={setPhones}
          error={isProblem(save.error, 'phone-number-taken') ? t('setup.phoneTaken') : undefined}
        />
        <TextInput
          label={t('setup.reportDomains')}
          hint={t('setup.reportDomainsHint')}
          value={domains}
          onChange={setDomains}
        />
        {!isProblem(save.error, 'phone-number-taken') && !unknownCountry && <FormError error={save.error} />}
        <div>
          <Button kind="primary" type="submit" isBusy={save.isPending} isDisabled={!canWrite}>
            {t('setup.save')}
          </Button>
        </div>
      </Form>
    </section>
  );
}
