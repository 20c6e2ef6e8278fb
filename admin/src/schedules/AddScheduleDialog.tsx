import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useAddSchedule } from '../api/changes';
import { isProblem } from '../api/problem';
import { useCampaigns } from '../api/queries';
import { FREQUENCIES, type Frequency, type ReportFormat } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { FormatField } from '../report/FormatField';
import { formatsFor } from '../report/formats';
import { useRecipientProblem } from '../report/useRecipientProblem';
import { Button } from '../ui/Button';
import { isEmail } from '../ui/email';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { SelectField } from '../ui/SelectField';
import { TextInput } from '../ui/TextInput';
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
  const refused = useRecipientProblem()(add.error);
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
      <Form
        validationBehavior="aria"
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <DialogBody>
          <p>{t('schedules.text')}</p>
          <TextInput
            label={t('schedules.email')}
            type="email"
            autoComplete="email"
            autoFocus
            value={email}
            onChange={(value) => {
              setEmail(value);
              add.reset();
            }}
            error={tried && !isEmail(address) ? t('report.emailInvalid') : refused}
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
          {!refused && <FormError error={add.error} text={tooMany ? t('schedules.tooMany') : undefined} />}
        </DialogBody>
        <DialogFoot>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={add.isPending}>
            {t('schedules.add')}
          </Button>
        </DialogFoot>
      </Form>
    </ModalDialog>
  );
}
