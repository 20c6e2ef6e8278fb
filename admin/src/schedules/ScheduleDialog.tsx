import { useState } from 'react';
import { useAddSchedule, useEditSchedule } from '../api/changes';
import { isProblem } from '../api/problem';
import { FREQUENCIES, type Frequency, type ReportFormat, type Schedule } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { FormatField } from '../report/FormatField';
import { formatsFor } from '../report/formats';
import { useKnownRecipients } from '../report/useKnownRecipients';
import { Button } from '../ui/Button';
import { CampaignField } from '../ui/CampaignField';
import { isEmail } from '../ui/email';
import { EmailField } from '../ui/EmailField';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { SelectField } from '../ui/SelectField';
import { useToast } from '../ui/Toasts';

interface ScheduleDialogProps {
  /** The schedule to edit; none to make one. */
  schedule?: Schedule;
  onClose: () => void;
}

/** Whom a report goes to by itself, how often and of what. */
export function ScheduleDialog({ schedule, onClose }: ScheduleDialogProps) {
  const { t, language } = useFormat();
  const toast = useToast();
  const add = useAddSchedule();
  const edit = useEditSchedule();
  const known = useKnownRecipients();
  const [email, setEmail] = useState(schedule?.email ?? '');
  const [frequency, setFrequency] = useState<Frequency>(schedule?.frequency ?? 'weekly');
  const [format, setFormat] = useState<ReportFormat>(schedule?.format ?? formatsFor(language)[0]);
  const [campaignId, setCampaignId] = useState(schedule?.campaignId ?? undefined);
  const [tried, setTried] = useState(false);
  const address = email.trim();
  const { error, isPending } = schedule ? edit : add;
  const tooMany = isProblem(error) && error.status === 409;
  const submit = (): void => {
    setTried(true);
    if (!isEmail(address) || isPending) return;
    const onSuccess = (): void => {
      toast({ kind: 'good', title: t(schedule ? 'schedules.saved' : 'schedules.added', { email: address }) });
      onClose();
    };
    const wanted = { email: address, frequency, format };
    if (schedule) edit.mutate({ id: schedule.id, body: { ...wanted, campaignId: campaignId ?? null } }, { onSuccess });
    else add.mutate({ ...wanted, ...(campaignId ? { campaignId } : {}) }, { onSuccess });
  };
  return (
    <ModalDialog title={t(schedule ? 'schedules.editTitle' : 'schedules.new')} onClose={onClose}>
      <FieldForm error={error} onSubmit={submit}>
        <DialogBody>
          <p>{t('schedules.text')}</p>
          <EmailField
            label={t('schedules.email')}
            autoFocus
            value={email}
            suggestions={known}
            onChange={(value) => {
              setEmail(value);
              add.reset();
              edit.reset();
            }}
            tried={tried}
            error={error}
          />
          <SelectField
            label={t('schedules.frequency')}
            choices={FREQUENCIES.map((id) => ({ id, label: t(`schedules.${id}`) }))}
            value={frequency}
            onChange={setFrequency}
          />
          <CampaignField value={campaignId} onChange={setCampaignId} />
          <FormatField value={format} onChange={setFormat} />
          <FormError error={error} text={tooMany ? t('schedules.tooMany') : undefined} except={['email']} />
        </DialogBody>
        <DialogFoot>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={isPending}>
            {t(schedule ? 'settings.save' : 'schedules.add')}
          </Button>
        </DialogFoot>
      </FieldForm>
    </ModalDialog>
  );
}
