import type { Figures, Metrics } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { FunnelStep } from '../ui/FunnelStep';
import { cartFunnelOf, hasOthers, type CartStep } from './cartFunnel';

interface CartFunnelProps {
  funnel: Metrics['funnel'];
  figures: Figures;
}

/** How many carts came how far, from the cart to the purchase, and what became of reminders that Meta didn't take. */
export function CartFunnel({ funnel, figures }: CartFunnelProps) {
  const { t, number } = useFormat();
  const told = (id: 'rejected' | 'unknown' | 'unconfirmed' | 'heldOut'): string | false =>
    funnel[id] > 0 && t(`carts.${id}`, { count: funnel[id], number: number(funnel[id]) });
  const notes = [
    told('rejected'),
    told('unknown'),
    told('unconfirmed'),
    told('heldOut'),
    hasOthers(funnel, figures) && t('carts.others'),
  ].filter((note) => note !== false);
  return (
    <div className="card funnel-card">
      <h3>{t('carts.funnel')}</h3>
      <div className="funnel">
        <ol className="funnel-steps cart-steps">
          {cartFunnelOf(funnel, figures).map((step) => (
            <CartsStep key={step.id} step={step} />
          ))}
        </ol>
        {notes.length > 0 && <p className="muted small funnel-note">{notes.join(' ')}</p>}
      </div>
    </div>
  );
}

function CartsStep({ step: { id, count, ofCarts, ofBefore } }: { step: CartStep }) {
  const { t, percent } = useFormat();
  const share = id === 'carts' ? (count > 0 ? 1 : 0) : (ofCarts ?? 0);
  return (
    <FunnelStep id={id} label={t(`carts.step.${id}`)} count={count} share={share}>
      {ofCarts !== undefined && t('carts.ofCarts', { share: percent(ofCarts) })}
      {ofBefore !== undefined && id !== 'eligible' && (
        <span className="under">{t('carts.ofBefore', { share: percent(ofBefore) })}</span>
      )}
    </FunnelStep>
  );
}
