import { useAccount, useCampaigns, useExplanation } from '../api/queries';
import type { Explanation, Loser, Winner } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { DialogBody, ModalDialog } from '../ui/ModalDialog';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';
import { useSpan } from './useSpan';

/** Losing messages listed; more would tell nothing more. */
const LISTED = 5;

interface WhyDialogProps {
  orderGroup: string;
  onClose: () => void;
}

/** Why an order counts: what it was matched by, which message earned it, and why the others didn't. */
export function WhyDialog({ orderGroup, onClose }: WhyDialogProps) {
  const { t } = useFormat();
  const explanation = useExplanation(orderGroup);
  return (
    <ModalDialog title={t('purchases.whyOf', { order: orderGroup })} onClose={onClose}>
      <DialogBody>
        {explanation.isError ? (
          <PanelError level={2} error={explanation.error} onRetry={() => void explanation.refetch()} />
        ) : explanation.data ? (
          <Reasons explanation={explanation.data} />
        ) : (
          <Skeleton height={220} />
        )}
      </DialogBody>
    </ModalDialog>
  );
}

function Reasons({ explanation }: { explanation: Explanation }) {
  const { t, money, number } = useFormat();
  const when = useWhen();
  const { verdict, credit, createdAt, currency, orderTotal, otherCandidates, otherCandidatesLeftOut } = explanation;
  const others = otherCandidates.slice(0, LISTED);
  const left = otherCandidates.length - others.length + otherCandidatesLeftOut;
  return (
    <>
      <p>{t(`why.${verdict.code}`)}</p>
      {explanation.pending && <p className="notice-line">{t('why.pending')}</p>}
      <dl className="facts">
        <dt>{t('purchases.createdAt')}</dt>
        <dd>{when(createdAt)}</dd>
        {currency && orderTotal && (
          <>
            <dt>{t('purchases.value')}</dt>
            <dd>{money({ currency, amount: orderTotal })}</dd>
          </>
        )}
        {credit && <Credit winner={credit} />}
      </dl>
      {explanation.parts.length > 1 && (
        <>
          <h2 className="subtitle">{t('why.parts')}</h2>
          <ul className="why-list">
            {explanation.parts.map((part) => (
              <li key={part.orderId}>
                <span className="numeric">{part.orderId}</span>:{' '}
                {money({ currency: part.currency, amount: part.value })}
                {!part.inTotal && <span className="muted"> · {t('why.notInTotal')}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      {others.length > 0 && (
        <>
          <h2 className="subtitle">{t('why.others')}</h2>
          <ul className="why-list">
            {others.map((loser, place) => (
              // An erased reminder has no id any more.
              <Lost key={loser.reminderId ?? place} loser={loser} />
            ))}
          </ul>
          {left > 0 && <p className="muted small">{t('why.more', { count: number(left) })}</p>}
        </>
      )}
    </>
  );
}

function Credit({ winner }: { winner: Winner }) {
  const { t } = useFormat();
  const when = useWhen();
  const span = useSpan();
  const campaign = useCampaignName();
  const { decidedBy } = winner;
  return (
    <>
      <dt>{t('purchases.campaign')}</dt>
      <dd>{campaign(winner.campaignId)}</dd>
      {winner.sentAt && (
        <>
          <dt>{t('why.sentAt')}</dt>
          <dd>{when(winner.sentAt)}</dd>
        </>
      )}
      <dt>{t(decidedBy.by === 'click' ? 'why.clickedAt' : 'why.deliveredAt')}</dt>
      <dd>
        {when(decidedBy.at)}
        <span className="muted"> · {t('why.before', { span: span(decidedBy.distanceSeconds) })}</span>
      </dd>
      <dt>{t('why.matchedBy')}</dt>
      <dd>{winner.matchedBy.map((kind) => t(`why.match.${kind}`)).join(', ')}</dd>
    </>
  );
}

function Lost({ loser }: { loser: Loser }) {
  const { t } = useFormat();
  const when = useWhen();
  const campaign = useCampaignName();
  return (
    <li>
      {campaign(loser.campaignId)}
      {loser.sentAt && `, ${when(loser.sentAt)}`}
      <span className="muted"> · {t(`why.lost.${loser.outcome}`)}</span>
    </li>
  );
}

function useWhen(): (at: string) => string {
  const { instant } = useFormat();
  const { data } = useAccount();
  return (at) => instant(at, data?.timeZone ?? 'UTC');
}

function useCampaignName(): (id: string) => string {
  const { data } = useCampaigns();
  return (id) => data?.find((each) => each.campaignId === id)?.name ?? '…';
}
