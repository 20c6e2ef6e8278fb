import { useState } from 'react';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { TextInput } from '../ui/TextInput';
import { useToast } from '../ui/Toasts';
import { useTestMessage } from './api';
import { useFieldText, useSendingProblem } from './problems';
import type { Campaign } from './types';

/** Sends one message of a campaign to a phone. */
export function TestDialog({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const { t } = useFormat();
  const toast = useToast();
  const test = useTestMessage();
  const fieldText = useFieldText();
  const problem = useSendingProblem();
  const [phone, setPhone] = useState('');
  const [tried, setTried] = useState(false);
  const submit = (): void => {
    setTried(true);
    if (!phone.trim() || test.isPending) return;
    test.mutate(
      { id: campaign.campaignId, phone: phone.trim() },
      {
        onSuccess: ({ outcome }) => {
          toast({ kind: 'good', title: t(outcome === 'accepted' ? 'sending.testDone' : 'sending.testUnknown') });
          onClose();
        },
      },
    );
  };
  return (
    <ModalDialog title={t('sending.testOf', { name: campaign.name })} onClose={onClose}>
      <FieldForm error={test.error} onSubmit={submit}>
        <DialogBody>
          <p>{t('sending.testText')}</p>
          <TextInput
            label={t('sending.phone')}
            hint={t('sending.phoneHint')}
            value={phone}
            onChange={(value) => {
              setPhone(value);
              test.reset();
            }}
            autoFocus
            autoComplete="tel"
            error={tried && !phone.trim() ? t('sending.phoneInvalid') : fieldText(test.error, 'phone')}
          />
          <FormError error={test.error} except={['phone']} text={test.error ? problem(test.error) : undefined} />
        </DialogBody>
        <DialogFoot>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={test.isPending}>
            {t('sending.test')}
          </Button>
        </DialogFoot>
      </FieldForm>
    </ModalDialog>
  );
}
