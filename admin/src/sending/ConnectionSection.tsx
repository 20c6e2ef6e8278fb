import { useState } from 'react';
import { useAccount } from '../api/queries';
import { useApp } from '../app/AppContext';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { ModalDialog, DialogBody, DialogFoot } from '../ui/ModalDialog';
import { FormError } from '../ui/FormError';
import { Skeleton } from '../ui/Skeleton';
import { useToast } from '../ui/Toasts';
import { useDisconnect } from './api';
import { ConnectDialog } from './ConnectDialog';
import { useSendingProblem } from './problems';

/** The store's WhatsApp: whether it is connected, and to what. */
export function ConnectionSection() {
  const { t, instant } = useFormat();
  const { canWrite } = useApp();
  const { data: account } = useAccount();
  const [open, setOpen] = useState<'connect' | 'disconnect'>();
  const connection = account?.whatsapp;
  const close = (): void => setOpen(undefined);
  return (
    <section className="section setup" aria-labelledby="whatsapp-title">
      <h2 id="whatsapp-title" tabIndex={-1}>
        {t('sending.connection')}
      </h2>
      {!account ? (
        <Skeleton height={120} />
      ) : (
        <div className="card setup-form">
          {connection ? (
            <>
              <p>
                <span className="tag good">{t('sending.connected')}</span> {connection.verifiedName}
              </p>
              <dl className="sending-facts">
                <dt>{t('sending.waba')}</dt>
                <dd>{connection.wabaId}</dd>
                <dt>{t('sending.number')}</dt>
                <dd>{connection.phoneNumberId}</dd>
                <dt>{t('sending.since')}</dt>
                <dd>{instant(connection.connectedAt, account.timeZone)}</dd>
              </dl>
            </>
          ) : (
            <p>{t('sending.connectText')}</p>
          )}
          <div className="section-actions">
            <Button
              kind={connection ? 'secondary' : 'primary'}
              isDisabled={!canWrite}
              onPress={() => setOpen('connect')}
            >
              {t(connection ? 'sending.reconnect' : 'sending.connect')}
            </Button>
            {connection && (
              <Button kind="plain" isDisabled={!canWrite} onPress={() => setOpen('disconnect')}>
                {t('sending.disconnect')}
              </Button>
            )}
          </div>
        </div>
      )}
      {open === 'connect' && (
        <ConnectDialog
          wabaId={connection?.wabaId ?? ''}
          phoneNumberId={connection?.phoneNumberId ?? account?.phoneNumberIds[0] ?? ''}
          onClose={close}
        />
      )}
      {open === 'disconnect' && <DisconnectDialog onClose={close} />}
    </section>
  );
}

function DisconnectDialog({ onClose }: { onClose: () => void }) {
  const { t } = useFormat();
  const toast = useToast();
  const problem = useSendingProblem();
  const disconnect = useDisconnect();
  const confirm = (): void => {
    disconnect.mutateAsync().then(
      () => {
        toast({ kind: 'good', title: t('sending.disconnected') });
        onClose();
      },
      () => undefined,
    );
  };
  return (
    <ModalDialog alert title={t('sending.disconnectTitle')} onClose={onClose}>
      <DialogBody>
        <p>{t('sending.disconnectText')}</p>
        <FormError error={disconnect.error} text={disconnect.error ? problem(disconnect.error) : undefined} />
      </DialogBody>
      <DialogFoot>
        <Button autoFocus onPress={onClose}>
          {t('action.cancel')}
        </Button>
        <Button kind="danger" isBusy={disconnect.isPending} onPress={confirm}>
          {t('sending.disconnect')}
        </Button>
      </DialogFoot>
    </ModalDialog>
  );
}
