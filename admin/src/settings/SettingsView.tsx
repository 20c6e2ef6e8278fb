import { useAccount } from '../api/queries';
import { useApp } from '../app/AppContext';
import { LaterTexts } from '../i18n/LaterTexts';
import { useFormat } from '../i18n/useFormat';
import { StoreForm } from '../setup/StoreForm';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';
import { useToast } from '../ui/Toasts';
import { ActivitySection } from './ActivitySection';
import { AsideSection } from './AsideSection';
import { ConnectionsSection } from './ConnectionsSection';
import { EraseSection } from './EraseSection';
import { ReportsSection } from './ReportsSection';

/** What a store set up, how others reach it, what was mailed, and what couldn't count. */
export default function SettingsView() {
  return (
    <LaterTexts parts={['settings']}>
      <Sections />
    </LaterTexts>
  );
}

function Sections() {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const toast = useToast();
  const account = useAccount();
  return (
    <>
      <section className="section setup" aria-labelledby="settings-title">
        <h2 id="settings-title" tabIndex={-1}>
          {t('settings.store')}
        </h2>
        {!canWrite && <p className="muted">{t('settings.readOnly')}</p>}
        {account.data ? (
          // What somebody else saved meanwhile begins a new form.
          <StoreForm
            key={JSON.stringify(account.data)}
            account={account.data}
            submitLabel={t('settings.save')}
            onSaved={() => toast({ kind: 'good', title: t('settings.saved') })}
          />
        ) : account.isError ? (
          <div className="card">
            <PanelError error={account.error} onRetry={() => void account.refetch()} />
          </div>
        ) : (
          <Skeleton height={420} />
        )}
      </section>
      {account.data && <ConnectionsSection hasSecret={account.data.hasSigningSecret} />}
      <ReportsSection />
      <AsideSection />
      {account.data && <EraseSection />}
      <ActivitySection />
    </>
  );
}
