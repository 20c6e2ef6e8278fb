import { useState } from 'react';
import { useCampaigns } from '../api/queries';
import { useApp } from '../app/AppContext';
import { useFormat, type Format } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { EmptyNote } from '../ui/EmptyNote';
import { PanelError } from '../ui/PanelError';
import { SectionHead } from '../ui/SectionHead';
import { Skeleton } from '../ui/Skeleton';
import { CampaignSendingDialog } from './CampaignSendingDialog';
import { TestDialog } from './TestDialog';
import type { Campaign } from './types';

/** Which campaigns the system sends, and how. */
export function CampaignsSection({ connected }: { connected: boolean }) {
  const { t } = useFormat();
  const campaigns = useCampaigns();
  const [open, setOpen] = useState<{ kind: 'edit' | 'test'; campaign: Campaign }>();
  const close = (): void => setOpen(undefined);
  return (
    <section className="section" aria-labelledby="sending-campaigns-title">
      <SectionHead id="sending-campaigns-title" title={t('sending.campaigns')} text={t('sending.campaignsText')} />
      <div className="card table-card">
        {campaigns.isError && !campaigns.data ? (
          <PanelError error={campaigns.error} onRetry={() => void campaigns.refetch()} />
        ) : !campaigns.data ? (
          <div className="table-skeleton">
            <Skeleton height={160} />
          </div>
        ) : campaigns.data.length === 0 ? (
          <EmptyNote title={t('sending.campaignsNone')} text={t('sending.campaignsNoneText')} />
        ) : (
          <ul className="sending-campaigns">
            {campaigns.data.map((campaign) => (
              <CampaignLine
                key={campaign.campaignId}
                campaign={campaign}
                connected={connected}
                onOpen={(kind) => setOpen({ kind, campaign })}
              />
            ))}
          </ul>
        )}
      </div>
      {open?.kind === 'edit' && <CampaignSendingDialog campaign={open.campaign} onClose={close} />}
      {open?.kind === 'test' && <TestDialog campaign={open.campaign} onClose={close} />}
    </section>
  );
}

/** How a campaign is sent, in one sentence. */
function summaryOf({ t, money }: Format, { sending }: Campaign): string {
  if (!sending?.enabled) return t('sending.byOthers');
  const parts = [
    t('sending.after', { minutes: sending.delayMinutes }),
    t(sending.trigger === 'payment' ? 'sending.triggerPaymentShort' : 'sending.triggerAnyShort'),
    ...(sending.minimum.length > 0 ? [t('sending.from', { amounts: sending.minimum.map(money).join(', ') })] : []),
    ...(sending.couponCode ? [t('sending.withCoupon', { coupon: sending.couponCode })] : []),
  ];
  return parts.join(' · ');
}

interface CampaignLineProps {
  campaign: Campaign;
  connected: boolean;
  onOpen: (kind: 'edit' | 'test') => void;
}

function CampaignLine({ campaign, connected, onOpen }: CampaignLineProps) {
  const format = useFormat();
  const { canWrite } = useApp();
  const { t } = format;
  const { name, language, messageType, sending, status } = campaign;
  return (
    <li className="sending-campaign">
      <div>
        <h3>
          {name}{' '}
          <span className={`tag ${sending?.enabled ? 'good' : ''}`}>
            {t(sending?.enabled ? (status === 'paused' ? 'sending.paused' : 'sending.on') : 'sending.off')}
          </span>
        </h3>
        <p className="muted small">
          {t(`language.${language}`)} · {t(`messageType.${messageType}`)}
        </p>
        <p className="small">{summaryOf(format, campaign)}</p>
      </div>
      <div className="section-actions">
        <Button isDisabled={!canWrite} onPress={() => onOpen('edit')} aria-label={t('sending.editOf', { name })}>
          {t('sending.edit')}
        </Button>
        <Button
          kind="plain"
          isDisabled={!canWrite || !connected}
          onPress={() => onOpen('test')}
          aria-label={t('sending.testOf', { name })}
        >
          {t('sending.test')}
        </Button>
      </div>
    </li>
  );
}
