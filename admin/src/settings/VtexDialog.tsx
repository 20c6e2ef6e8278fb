import { useState } from 'react';
import { useConnectVtex } from '../api/changes';
import { isProblem } from '../api/problem';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { TextInput } from '../ui/TextInput';
import { useToast } from '../ui/Toasts';
import { useFieldProblem } from '../ui/useProblemText';

/** Connects the store's VTEX, or renews its keys. A hook that notifies somebody else is taken over only when asked. */
export function VtexDialog({ onClose }: { onClose: () => void }) {
  const { t } = useFormat();
  const toast = useToast();
  const connect = useConnectVtex();
  const fieldProblem = useFieldProblem();
  const [appKey, setAppKey] = useState('');
  const [appToken, setAppToken] = useState('');
  const [tried, setTried] = useState(false);
  const isTaken = isProblem(connect.error, 'hook-taken');
  const missing = (value: string): string | undefined =>
    tried && !value.trim() ? t('settings.vtexMissing') : undefined;
  const submit = (): void => {
    setTried(true);
    if (!appKey.trim() || !appToken.trim() || connect.isPending) return;
    connect.mutate(
      { appKey: appKey.trim(), appToken: appToken.trim(), ...(isTaken ? { replace: true } : {}) },
      {
        onSuccess: () => {
          toast({ kind: 'good', title: t('settings.vtexDone') });
          onClose();
        },
      },
    );
  };
  return (
    <ModalDialog title={t('settings.vtexConnect')} onClose={onClose}>
      <FieldForm error={connect.error} onSubmit={submit}>
        <DialogBody>
          <p>{t('settings.vtexText')}</p>
          <TextInput
            label={t('settings.vtexKey')}
            value={appKey}
            onChange={setAppKey}
            autoFocus
            autoComplete="off"
            error={missing(appKey) ?? fieldProblem(connect.error, 'appKey')}
          />
          <TextInput
            label={t('settings.vtexToken')}
            type="password"
            value={appToken}
            onChange={setAppToken}
            autoComplete="off"
            error={missing(appToken) ?? fieldProblem(connect.error, 'appToken')}
          />
          <FormError error={connect.error} except={['appKey', 'appToken']} />
        </DialogBody>
        <DialogFoot>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={connect.isPending}>
            {t(isTaken ? 'settings.vtexReplace' : 'settings.vtexConnect')}
          </Button>
        </DialogFoot>
      </FieldForm>
    </ModalDialog>
  );
}
