import { useState } from 'react';
import { useExplanation } from '../api/queries';
import type { Explanation, Loser, Winner } from '../api/types';
import { useApp } from '../app/AppContext';
import { useWhen } from '../app/useWhen';
import { useCampaignName } from '../campaigns/useCampaignName';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { WhyFrame } from '../ui/WhyFrame';
import { OrderItemsList } from './OrderItemsList';
import { useSpan } from './useSpan';

/** Losing messages listed; more would tell nothing more. */
const LISTED = 5;

interface WhyDialogProps {
  /** The order's group, or the id of one of its parts. */
  order: string;
  onClose: () => void;
}

/** Why an order counts, or not: what it was matched by, which message earned it, and why the others didn't. */
export function WhyDialog({ order, onClose }: WhyDialogProps) {
  const { t } = useFormat();
  const explanation = useExplanation(order);
  return (
    <WhyFrame
      title={t('purchases.whyOf', { order: explanation.data?.orderGroup ?? order })}
      query={explanation}
      unknown={{ code: 'order-not-found', title: t('why.unknown'), text: t('why.unknownText') }}
      height={220}
      onClose={onClose}
    >
      {(explained) => <Reasons explanation={explained} />}
    </WhyFrame>
  );
}

function Reasons({ explanation }: { explanation: Explanation }) {
  const { t, money, number } = useFormat();
  const when = useWhen();
  const [items, setItems] = useState(false);
  const { verdict, credit, createdAt, currency, orderTotal, otherCandidates, otherCandidatesLeftOut } = explanation;
  const [first, ...further] = explanation.parts;
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
        {first && further.length === 0 && (
          <>
            <dt>{t('why.inVtex')}</dt>
            <dd>
              <VtexLink orderId={first.orderId} />
            </dd>
          </>
        )}
      </dl>
      {further.length > 0 && (
        <>
          <h2 className="subtitle">{t('why.parts')}</h2>
          <ul className="why-list">
            {explanation.parts.map((part) => (
              <li key={part.orderId}>
                <VtexLink orderId={part.orderId} />: {money({ currency: part.currency, amount: part.value })}
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
      {items && <OrderItemsList order={explanation.orderGroup} hasCart={credit != null} />}
      <div>
        <Button kind="plain" aria-expanded={items} onPress={() => setItems(!items)}>
          {t(items ? 'why.hideItems' : 'why.showItems')}
        </Button>
      </div>
    </>
  );
}

/** An order of VTEX's, which opens in the store's Admin. */
function VtexLink({ orderId }: { orderId: string }) {
  const { t } = useFormat();
  const { account } = useApp();
  return (
    <a
      className="numeric"
      href={`https://${account}.myvtex.com/admin/orders/${encodeURIComponent(orderId)}`}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={t('why.vtexOrder', { order: orderId })}
    >
      {orderId}
    </a>
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
