import './sending.css';
import { useAccount } from '../api/queries';
import { useApp } from '../app/AppContext';
import { useArrival } from '../app/useArrival';
import { LaterTexts } from '../i18n/LaterTexts';
import { useFormat } from '../i18n/useFormat';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';
import { useSending } from './api';
import { CampaignsSection } from './CampaignsSection';
import { ConnectionSection } from './ConnectionSection';
import { OptOutsSection } from './OptOutsSection';
import { SendingSettings } from './SendingSettings';
import { TemplatesSection } from './TemplatesSection';

/** What the system sends by itself: through which WhatsApp, when, what, to whom. */
export default function SendingView() {
  return (
    <LaterTexts parts={['sending', 'settings']}>
      <Sections />
    </LaterTexts>
  );
}

function Sections() {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const { data: account } = useAccount();
  const sending = useSending();
  const connected = account?.whatsapp != null;
  useArrival();
  return (
    <>
      {!canWrite && <p className="muted section">{t('settings.readOnly')}</p>}
      <ConnectionSection />
      <section className="section hours-section" aria-labelledby="sending-title">
        <h2 id="sending-title" tabIndex={-1}>
          {t('sending.settings')}
        </h2>
        {sending.isError && !sending.data ? (
          <div className="card">
            <PanelError error={sending.error} onRetry={() => void sending.refetch()} />
          </div>
        ) : !sending.data ? (
          <Skeleton height={420} />
        ) : (
          <SendingSettings sending={sending.data} />
        )}
      </section>
      <CampaignsSection connected={connected} />
      <TemplatesSection connected={connected} />
      <OptOutsSection />
    </>
  );
}
