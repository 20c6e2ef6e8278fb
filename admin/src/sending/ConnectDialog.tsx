import { useState } from 'react';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { TextInput } from '../ui/TextInput';
import { useToast } from '../ui/Toasts';
import { useConnect } from './api';
import { useFieldText, useSendingProblem } from './problems';

interface ConnectDialogProps {
  wabaId: string;
  phoneNumberId: string;
  onClose: () => void;
}

const ID = /^\d{1,50}$/;
const FIELDS = ['wabaId', 'phoneNumberId', 'token'];

/** Connects the store's WhatsApp, or renews its token. Meta is asked before anything is kept. */
export function ConnectDialog({ onClose, ...held }: ConnectDialogProps) {
  const { t } = useFormat();
  const toast = useToast();
  const connect = useConnect();
  const fieldText = useFieldText();
  const problem = useSendingProblem();
  const [wabaId, setWabaId] = useState(held.wabaId);
  const [phoneNumberId, setPhoneNumberId] = useState(held.phoneNumberId);
  const [token, setToken] = useState('');
  const [tried, setTried] = useState(false);
  const wanted = { wabaId: wabaId.trim(), phoneNumberId: phoneNumberId.trim(), token: token.trim() };
  const right = ID.test(wanted.wabaId) && ID.test(wanted.phoneNumberId) && wanted.token !== '';
  const submit = (): void => {
    setTried(true);
    if (!right || connect.isPending) return;
    // The connection may begin a new section before this dialog hears of it.
    connect.mutateAsync(wanted).then(
      () => {
        toast({ kind: 'good', title: t('sending.connectDone') });
        onClose();
      },
      () => undefined,
    );
  };
  const edit = (set: (value: string) => void) => {
    return (value: string): void => {
      set(value);
      connect.reset();
    };
  };
  return (
    <ModalDialog title={t('sending.connect')} onClose={onClose}>
      <FieldForm error={connect.error} onSubmit={submit}>
        <DialogBody>
          <p>{t('sending.connectHow')}</p>
          <TextInput
            label={t('sending.waba')}
            value={wabaId}
            onChange={edit(setWabaId)}
            autoFocus
            autoComplete="off"
            error={tried && !ID.test(wanted.wabaId) ? t('sending.wabaInvalid') : fieldText(connect.error, 'wabaId')}
          />
          <TextInput
            label={t('sending.number')}
            hint={t('sending.numberHint')}
            value={phoneNumberId}
            onChange={edit(setPhoneNumberId)}
            autoComplete="off"
            error={
              tried && !ID.test(wanted.phoneNumberId)
                ? t('sending.numberInvalid')
                : fieldText(connect.error, 'phoneNumberId')
            }
          />
          <TextInput
            label={t('sending.token')}
            hint={t('sending.tokenHint')}
            type="password"
            value={token}
            onChange={edit(setToken)}
            autoComplete="off"
            error={tried && !wanted.token ? t('sending.tokenInvalid') : fieldText(connect.error, 'token')}
          />
          <FormError error={connect.error} except={FIELDS} text={connect.error ? problem(connect.error) : undefined} />
        </DialogBody>
        <DialogFoot>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={connect.isPending}>
            {t('sending.connect')}
          </Button>
        </DialogFoot>
      </FieldForm>
    </ModalDialog>
  );
}
