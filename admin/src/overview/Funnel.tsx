import { memo } from 'react';
import type { Figures, Money } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { Skeleton } from '../ui/Skeleton';
import { averageOrder, funnelOf, type Step } from './funnel';
import { perMessage } from './ranking';

/** From message to purchase, step by step, and what a purchase and a message are worth. */
export const Funnel = memo(function Funnel({ figures }: { figures: Figures | undefined }) {
  const { t } = useFormat();
  return (
    <div className="card funnel-card">
      <h3>{t('funnel.title')}</h3>
      {figures ? <Steps figures={figures} /> : <Skeleton height={112} />}
    </div>
  );
});

function Steps({ figures }: { figures: Figures }) {
  const { t, number, money } = useFormat();
  const average = averageOrder(figures);
  const [each, ...others] = perMessage(figures);
  const single = others.length === 0 ? each : undefined;
  const assisted = figures.conversions.assisted;
  return (
    <div className="funnel">
      <ol className="funnel-steps">
        {funnelOf(figures).map((step) => (
          <FunnelStep key={step.id} step={step} />
        ))}
      </ol>
      <dl className="funnel-worth">
        <Worth label={t('funnel.average')} amount={average} />
        <Worth label={t('funnel.perMessage')} amount={single} />
      </dl>
      <p className="muted small funnel-note">
        {assisted > 0 && t('funnel.assisted', { count: assisted, number: number(assisted) })}{' '}
        {figures.conversionValue.length > 1 &&
          t('funnel.currencies', { amounts: figures.conversionValue.map(money).join(' + ') })}
      </p>
    </div>
  );
}

function FunnelStep({ step: { id, count, ofDelivered, ofBefore } }: { step: Step }) {
  const { t, number, percent } = useFormat();
  const share = id === 'delivered' ? (count > 0 ? 1 : 0) : Math.min(1, ofDelivered ?? 0);
  return (
    <li className={`funnel-step ${id}`}>
      <span className="muted small">{t(`funnel.${id}`)}</span>
      <strong className="numeric">{number(count)}</strong>
      <span className="funnel-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className="muted small">
        {ofDelivered !== undefined && t('figure.ofDelivered', { share: percent(ofDelivered) })}
        {ofBefore !== undefined && ` · ${t('funnel.ofRead', { share: percent(ofBefore) })}`}
      </span>
    </li>
  );
}

function Worth({ label, amount }: { label: string; amount: Money | undefined }) {
  const { money } = useFormat();
  return (
    <div>
      <dt className="muted small">{label}</dt>
      <dd className="numeric">{amount ? money(amount) : '–'}</dd>
    </div>
  );
}
