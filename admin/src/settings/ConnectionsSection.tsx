import { useApp } from '../app/AppContext';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { CopyField } from '../ui/CopyField';

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
        <div className="setting">
          <div>
            <h3>{t('settings.vtex')}</h3>
            <p className="muted">{t('settings.vtexText')}</p>
          </div>
          <Button isDisabled={!canWrite} onPress={() => openDialog({ kind: 'vtex' })}>
            {t('settings.vtexConnect')}
          </Button>
        </div>
      </div>
    </section>
  );
}
