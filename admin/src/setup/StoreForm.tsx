import { useState } from 'react';
import { useSaveAccount } from '../api/changes';
import { LANGUAGES, type Account, type Language, type NewAccount } from '../api/types';
import { useApp } from '../app/AppContext';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { SelectField } from '../ui/SelectField';
import { TextInput } from '../ui/TextInput';
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

/** Empty: the server takes that of the time zone. */
const isCountryCode = (text: string): boolean => /^(?:\+?[1-9]\d{0,2})?$/.test(text.trim());

const isStoreUrl = (text: string): boolean => URL.canParse(text) && text.startsWith('https://');

const PHONE_NUMBER_ID = /^\d{1,50}$/;
const listOf = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

const FIELDS = ['timeZone', 'countryCode', 'storeUrl', 'phoneNumberIds', 'reportDomains'];

/** Settings are replaced as a whole: each of them stands here, so that none is lost when another is changed. */
type WholeSettings = { [Name in keyof Required<NewAccount>]: NewAccount[Name] | undefined };

interface StoreFormProps {
  /** The settings so far, with what waits for a confirmation; none of a new store. */
  account?: Account;
  submitLabel: string;
  onSaved: () => void;
}

/** What a store sets up, at first and later. */
export function StoreForm({ account, submitLabel, onSaved }: StoreFormProps) {
  const { t, language: spoken } = useFormat();
  const { canWrite } = useApp();
  const save = useSaveAccount();
  const fieldProblem = useFieldProblem();
  const [timeZone, setTimeZone] = useState(() => account?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [countryCode, setCountryCode] = useState(account?.countryCode ?? '');
  const [language, setLanguage] = useState<Language>(account?.language ?? spoken);
  const [storeUrl, setStoreUrl] = useState(account?.pending.storeUrl ?? account?.storeUrl ?? 'https://');
  const [phones, setPhones] = useState(
    [...new Set([...(account?.phoneNumberIds ?? []), ...(account?.pending.phoneNumberIds ?? [])])].join(', '),
  );
  const [domains, setDomains] = useState(account?.reportDomains?.join(', ') ?? '');
  const [tried, setTried] = useState(false);
  const phoneNumberIds = listOf(phones);
  const reportDomains = listOf(domains);
  const wrongIds = !phoneNumberIds.every((id) => PHONE_NUMBER_ID.test(id));
  const valid = isTimeZone(timeZone) && isCountryCode(countryCode) && isStoreUrl(storeUrl) && !wrongIds;
  /** What the API refused is no longer said once it was touched. */
  const edit = (set: (value: string) => void) => {
    return (value: string): void => {
      set(value);
      save.reset();
    };
  };
  const submit = (): void => {
    setTried(true);
    if (!valid || save.isPending) return;
    const whole: WholeSettings = {
      timeZone,
      countryCode: countryCode.trim().replace('+', '') || undefined,
      language,
      storeUrl,
      phoneNumberIds,
      reportDomains: reportDomains.length > 0 ? reportDomains : undefined,
      // They are set beside what they tell: the costs on the overview.
      messagePrices: account?.messagePrices,
    };
    // What is undefined isn't sent. New settings may begin a new form before this one hears of them, and a form that is
    // gone is told nothing by the mutation itself.
    save.mutateAsync(whole as NewAccount).then(onSaved, () => undefined);
  };
  return (
    <FieldForm className="card setup-form" error={save.error} onSubmit={submit}>
      <TextInput
        label={t('setup.timeZone')}
        hint={t(account?.timeZoneFixed ? 'setup.timeZoneFixed' : 'setup.timeZoneHint')}
        value={timeZone}
        suggestions={TIME_ZONES}
        onChange={edit(setTimeZone)}
        isReadOnly={!canWrite || account?.timeZoneFixed === true}
        error={tried && !isTimeZone(timeZone) ? t('setup.timeZoneInvalid') : fieldProblem(save.error, 'timeZone')}
      />
      <TextInput
        label={t('setup.countryCode')}
        hint={t('setup.countryCodeHint')}
        value={countryCode}
        onChange={edit(setCountryCode)}
        isReadOnly={!canWrite}
        error={
          tried && !isCountryCode(countryCode) ? t('setup.countryCodeInvalid') : fieldProblem(save.error, 'countryCode')
        }
      />
      <SelectField
        label={t('setup.language')}
        choices={LANGUAGES.map((id) => ({ id, label: t(`language.${id}`) }))}
        value={language}
        onChange={setLanguage}
        isDisabled={!canWrite}
      />
      <TextInput
        label={t('setup.storeUrl')}
        type="url"
        value={storeUrl}
        onChange={edit(setStoreUrl)}
        isReadOnly={!canWrite}
        error={tried && !isStoreUrl(storeUrl) ? t('setup.storeUrlInvalid') : fieldProblem(save.error, 'storeUrl')}
      />
      <TextInput
        label={t('setup.phoneNumberIds')}
        hint={t('setup.phoneNumberIdsHint')}
        value={phones}
        onChange={edit(setPhones)}
        isReadOnly={!canWrite}
        error={tried && wrongIds ? t('setup.phoneInvalid') : fieldProblem(save.error, 'phoneNumberIds')}
      />
      <TextInput
        label={t('setup.reportDomains')}
        hint={t('setup.reportDomainsHint')}
        value={domains}
        onChange={edit(setDomains)}
        isReadOnly={!canWrite}
        error={fieldProblem(save.error, 'reportDomains')}
      />
      <FormError error={save.error} except={FIELDS} />
      <div>
        <Button kind="primary" type="submit" isBusy={save.isPending} isDisabled={!canWrite}>
          {submitLabel}
        </Button>
      </div>
    </FieldForm>
  );
}
