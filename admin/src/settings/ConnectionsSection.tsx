import { useAccount, useVtex } from '../api/queries';
import { useApp } from '../app/AppContext';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { CopyField } from '../ui/CopyField';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';

/** The addresses that others call, the secret that signs what they send, and VTEX. */
export function ConnectionsSection({ hasSecret }: { hasSecret: boolean }) {
  const { t } = useFormat();
  const { account, canWrite, session } = useApp();
  const openDialog = useDialogs();
  const base = session.apiUrl || window.location.origin;
  return (
    <section className="section setup" aria-labelledby="connections-title">
      <h2 id="connections-title" tabIndex={-1}>
        {t('settings.connections')}
      </h2>
      <p className="muted">{t('settings.connectionsText')}</p>
      {!canWrite && <p className="muted">{t('settings.onlyWriters')}</p>}
      <div className="card setup-form">
        <CopyField label={t('settings.whatsapp')} value={`${base}/webhooks/whatsapp`} />
        <CopyField label={t('settings.vtexHook')} value={`${base}/webhooks/vtex/${account}`} />
        <CopyField label={t('settings.events')} value={`${base}/events/${account}`} />
        <CopyField label={t('settings.sends')} value={`${base}/sends/${account}`} />
        <div className="setting">
          <div>
            <h3>{t('settings.secret')}</h3>
            <p className="muted">{t(hasSecret ? 'settings.secretHeld' : 'settings.secretNone')}</p>
          </div>
          <Button isDisabled={!canWrite} onPress={() => openDialog({ kind: 'secret', renews: hasSecret })}>
            {t(hasSecret ? 'settings.secretRenew' : 'settings.secretNew')}
          </Button>
        </div>
        <VtexSetting />
      </div>
    </section>
  );
}

/** Whether VTEX notifies us, since when, and the way to connect it or to renew its keys. */
function VtexSetting() {
  const { t, instant } = useFormat();
  const { canWrite } = useApp();
  const openDialog = useDialogs();
  const { data: account } = useAccount();
  const vtex = useVtex();
  if (!vtex.data) {
    return vtex.isError ? (
      <PanelError error={vtex.error} onRetry={() => void vtex.refetch()} />
    ) : (
      <Skeleton height={72} />
    );
  }
  const { connected, connectedAt, appKey, lastOrderAt } = vtex.data;
  const at = (when: string): string => instant(when, account?.timeZone ?? 'UTC');
  const key = appKey ?? '';
  const state = connected
    ? connectedAt
      ? t('settings.vtexConnected', { at: at(connectedAt), appKey: key })
      : t('settings.vtexConnectedLong', { appKey: key })
    : t(appKey ? 'settings.vtexPending' : 'settings.vtexText');
  return (
    <div className="setting">
      <div>
        <h3>{t('settings.vtex')}</h3>
        <p className="muted">{state}</p>
        {connected && (
          <p className="muted">
            {lastOrderAt ? t('settings.vtexLastOrder', { at: at(lastOrderAt) }) : t('settings.vtexNoOrder')}
          </p>
        )}
      </div>
      <Button isDisabled={!canWrite} onPress={() => openDialog({ kind: 'vtex' })}>
        {t(connected ? 'settings.vtexRenew' : 'settings.vtexConnect')}
      </Button>
    </div>
  );
}
