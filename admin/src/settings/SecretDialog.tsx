import { useNewSecret } from '../api/changes';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { CopyField } from '../ui/CopyField';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';

/** Makes a signing secret and shows it, this once. */
export function SecretDialog({ renews, onClose }: { renews: boolean; onClose: () => void }) {
  const { t } = useFormat();
  const make = useNewSecret();
  const secret = make.data?.secret;
  const action = t(renews ? 'settings.secretRenew' : 'settings.secretNew');
  return (
    <ModalDialog alert title={action} onClose={onClose}>
      <DialogBody>
        {secret ? (
          <CopyField label={t('settings.secret')} value={secret} hint={t('settings.secretOnce')} />
        ) : (
          <p>{t(renews ? 'settings.secretText' : 'settings.secretOnce')}</p>
        )}
        <FormError error={make.error} />
      </DialogBody>
      <DialogFoot>
        <Button onPress={onClose} autoFocus>
          {t(secret ? 'action.close' : 'action.cancel')}
        </Button>
        {!secret && (
          <Button kind="primary" onPress={() => make.mutate()} isBusy={make.isPending}>
            {action}
          </Button>
        )}
      </DialogFoot>
    </ModalDialog>
  );
}
