import { useWhen } from '../app/useWhen';
import { useCampaignName } from '../campaigns/useCampaignName';
import { useFormat } from '../i18n/useFormat';
import { PageLink } from '../ui/PageLink';
import { WhyFrame } from '../ui/WhyFrame';
import { useCart } from './api';
import { cureOf } from './cures';
import { decidingStep } from './gate';
import { GateSteps } from './GateSteps';
import type { Cart } from './types';
import { useSaid } from './useSaid';

interface CartDialogProps {
  orderFormId: string;
  /** Which episode; the latest without one. */
  episode: string | undefined;
  onClose: () => void;
}

/** Why a cart was reminded of or not, or what it waits for: in one sentence, and step by step. */
export function CartDialog({ orderFormId, episode, onClose }: CartDialogProps) {
  const { t } = useFormat();
  const cart = useCart(orderFormId, episode);
  return (
    <WhyFrame
      title={t('carts.whyOf', { cart: cart.data?.orderFormId ?? orderFormId })}
      query={cart}
      unknown={{ code: 'cart-not-found', title: t('carts.unknownCart'), text: t('carts.unknownCartText') }}
      height={320}
      onClose={onClose}
    >
      {(explained) => <Why cart={explained} readAt={cart.dataUpdatedAt} />}
    </WhyFrame>
  );
}

function Why({ cart, readAt }: { cart: Cart; readAt: number }) {
  const { t } = useFormat();
  const when = useWhen();
  const said = useSaid();
  const campaign = useCampaignName();
  const { gate, decision } = cart;
  const campaignId = gate?.campaignId ?? decision?.campaignId;
  return (
    <>
      <p role="status" className="cart-said">
        {said(cart, readAt)}
      </p>
      <CureLink cart={cart} />
      <dl className="facts">
        {cart.lastActivityAt && (
          <>
            <dt>{t('carts.lastActivity')}</dt>
            <dd>{when(cart.lastActivityAt)}</dd>
            <dt>{t('carts.payment')}</dt>
            <dd>{t(cart.reachedPayment ? 'carts.payment.yes' : 'carts.payment.no')}</dd>
          </>
        )}
        {campaignId && (
          <>
            <dt>{t('purchases.campaign')}</dt>
            <dd>{campaign(campaignId)}</dd>
          </>
        )}
        {cart.remindedAt && decision?.outcome !== 'reminded' && (
          <>
            <dt>{t('carts.remindedAt')}</dt>
            <dd>{when(cart.remindedAt)}</dd>
          </>
        )}
      </dl>
      {gate && (
        <section aria-labelledby="gate-title">
          <h2 id="gate-title" className="subtitle">
            {t(cart.state === 'waiting' ? 'carts.gate.now' : 'carts.gate.then', { at: when(gate.at) })}
          </h2>
          <GateSteps gate={gate} />
        </section>
      )}
    </>
  );
}

/** Where the reason can be done away with. */
function CureLink({ cart: { state, gate, decision, heldBy } }: { cart: Cart }) {
  const { t } = useFormat();
  const step = gate && state === 'waiting' ? decidingStep(gate) : undefined;
  // Of a cart that waited too long, what it waited for can be cured.
  const reason = state === 'waiting' ? (gate ? step?.reason : heldBy) : (decision?.heldBy ?? decision?.reason);
  const cure = cureOf(reason);
  return (
    cure && (
      <p>
        <PageLink
          to={{ ...cure.to, cart: undefined, episode: undefined }}
          {...(cure.heading ? { heading: cure.heading } : {})}
        >
          {t(cure.label)}
        </PageLink>
      </p>
    )
  );
}
