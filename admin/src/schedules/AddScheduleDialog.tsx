import { useState } from 'react';
import { useAddSchedule } from '../api/changes';
import { isProblem } from '../api/problem';
import { useCampaigns } from '../api/queries';
import { FREQUENCIES, type Frequency, type ReportFormat } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { FormatField } from '../report/FormatField';
import { formatsFor } from '../report/formats';
import { Button } from '../ui/Button';
import { isEmail } from '../ui/email';
import { EmailField } from '../ui/EmailField';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { SelectField } from '../ui/SelectField';
import { useToast } from '../ui/Toasts';

const ALL = '';

export function AddScheduleDialog({ onClose }: { onClose: () => void }) {
  const { t, language } = useFormat();
  const toast = useToast();
  const add = useAddSchedule();
  const campaigns = useCampaigns();
  const [email, setEmail] = useState('');
  const [frequency, setFrequency] = useState<Frequency>('weekly');
  const [format, setFormat] = useState<ReportFormat>(formatsFor(language)[0]);
  const [campaignId, setCampaignId] = useState(ALL);
  const [tried, setTried] = useState(false);
  const address = email.trim();
  const tooMany = isProblem(add.error) && add.error.status === 409;
  const submit = (): void => {
    setTried(true);
    if (!isEmail(address) || add.isPending) return;
    add.mutate(
      { email: address, frequency, format, ...(campaignId ? { campaignId } : {}) },
      {
        onSuccess: () => {
          toast({ kind: 'good', title: t('schedules.added', { email: address }) });
          onClose();
        },
      },
    );
  };
  return (
    <ModalDialog title={t('schedules.new')} onClose={onClose}>
      <FieldForm error={add.error} onSubmit={submit}>
        <DialogBody>
          <p>{t('schedules.text')}</p>
          <EmailField
            label={t('schedules.email')}
            autoFocus
            value={email}
            onChange={(value) => {
              setEmail(value);
              add.reset();
            }}
            tried={tried}
            error={add.error}
          />
          <SelectField
            label={t('schedules.frequency')}
            choices={FREQUENCIES.map((id) => ({ id, label: t(`schedules.${id}`) }))}
            value={frequency}
            onChange={setFrequency}
          />
          <SelectField
            label={t('schedules.campaign')}
            choices={[
              { id: ALL, label: t('report.allCampaigns') },
              ...(campaigns.data ?? []).map((campaign) => ({ id: campaign.campaignId, label: campaign.name })),
            ]}
            value={campaignId}
            onChange={setCampaignId}
          />
          <FormatField value={format} onChange={setFormat} />
          <FormError error={add.error} text={tooMany ? t('schedules.tooMany') : undefined} except={['email']} />
        </DialogBody>
        <DialogFoot>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={add.isPending}>
            {t('schedules.add')}
          </Button>
        </DialogFoot>
      </FieldForm>
    </ModalDialog>
  );
}
