import { useState } from 'react';
import { CheckboxButton, CheckboxField } from 'react-aria-components/Checkbox';
import { useAccount } from '../api/queries';
import { useApp } from '../app/AppContext';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { CheckIcon } from '../ui/icons';
import { RadioField } from '../ui/RadioField';
import { TextInput } from '../ui/TextInput';
import { useToast } from '../ui/Toasts';
import { useSaveSending } from './api';
import { isOpenOnce } from './hours';
import { HoursGrid } from './HoursGrid';
import { useFieldText, useSendingProblem } from './problems';
import type { Sending } from './types';

const COOLDOWN = { least: 24, most: 720 };
const FIELDS = ['consent', 'cooldownHours', 'hours'];

/** Whether anything is sent, when, how often to one person, and by whose consent. */
export function SendingSettings({ sending }: { sending: Sending }) {
  const { t, instant } = useFormat();
  const { canWrite } = useApp();
  const { data: account } = useAccount();
  const toast = useToast();
  const save = useSaveSending();
  const fieldText = useFieldText();
  const problem = useSendingProblem();
  const [enabled, setEnabled] = useState(sending.enabled);
  const [hours, setHours] = useState(sending.hours);
  const [cooldown, setCooldown] = useState(String(sending.cooldownHours));
  const [consent, setConsent] = useState(sending.consent ?? undefined);
  const [tried, setTried] = useState(false);
  const cooldownHours = Number(cooldown);
  const cooldownRight =
    Number.isInteger(cooldownHours) && cooldownHours >= COOLDOWN.least && cooldownHours <= COOLDOWN.most;
  const consentMissing = enabled && consent === undefined;
  const submit = (): void => {
    setTried(true);
    if (!cooldownRight || consentMissing || !isOpenOnce(hours) || save.isPending) return;
    save.mutate(
      { enabled, hours, cooldownHours, ...(consent ? { consent } : {}) },
      {
        onSuccess: (saved) => toast({ kind: 'good', title: t(saved.enabled ? 'sending.savedOn' : 'sending.savedOff') }),
      },
    );
  };
  const declared =
    sending.declaredBy && sending.declaredAt
      ? t('sending.declared', { by: sending.declaredBy, at: instant(sending.declaredAt, account?.timeZone ?? 'UTC') })
      : t('sending.declaredText');
  return (
    <FieldForm className="card setup-form" error={save.error} onSubmit={submit}>
      <CheckboxField isSelected={enabled} onChange={setEnabled} isReadOnly={!canWrite}>
        <CheckboxButton className="check">
          <span className="check-box" aria-hidden="true">
            {enabled && <CheckIcon size={14} />}
          </span>
          <span>
            <span className="check-label">{t('sending.enabled')}</span>
            <span className="muted small">{t('sending.enabledText')}</span>
          </span>
        </CheckboxButton>
      </CheckboxField>
      <HoursGrid
        hours={hours}
        onChange={setHours}
        isReadOnly={!canWrite}
        error={tried && !isOpenOnce(hours) ? t('sending.hoursInvalid') : fieldText(save.error, 'hours')}
      />
      <TextInput
        label={t('sending.cooldown')}
        hint={t('sending.cooldownHint')}
        value={cooldown}
        onChange={setCooldown}
        isReadOnly={!canWrite}
        error={tried && !cooldownRight ? t('sending.cooldownInvalid') : fieldText(save.error, 'cooldownHours')}
      />
      <RadioField
        label={t('sending.consent')}
        choices={[
          { id: 'recorded', label: t('sending.consentRecorded'), text: t('sending.consentRecordedText') },
          { id: 'declared', label: t('sending.consentDeclared'), text: declared },
        ]}
        value={consent ?? ('' as 'recorded')}
        onChange={(chosen) => canWrite && setConsent(chosen)}
      />
      {tried && consentMissing && (
        <p className="field-error" role="alert">
          {t('sending.consentMissing')}
        </p>
      )}
      <FormError error={save.error} except={FIELDS} text={save.error ? problem(save.error) : undefined} />
      <div>
        <Button kind="primary" type="submit" isBusy={save.isPending} isDisabled={!canWrite}>
          {t('settings.save')}
        </Button>
      </div>
    </FieldForm>
  );
}
