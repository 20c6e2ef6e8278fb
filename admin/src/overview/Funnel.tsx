import { memo, type ReactNode } from 'react';
import type { Figures, MessagePrice, Money } from '../api/types';
import { useApp } from '../app/AppContext';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FunnelStep } from '../ui/FunnelStep';
import { HelpBubble } from '../ui/HelpBubble';
import { Skeleton } from '../ui/Skeleton';
import { averageOrder, funnelOf, returnsOf, type Step } from './funnel';
import { perMessage } from './ranking';

interface FunnelProps {
  figures: Figures | undefined;
  /** What a message costs; undefined until it is known. */
  prices: readonly MessagePrice[] | undefined;
}

/** From message to purchase, step by step, what a purchase and a message are worth, and what they cost. */
export const Funnel = memo(function Funnel({ figures, prices }: FunnelProps) {
  const { t } = useFormat();
  return (
    <div className="card funnel-card">
      <h3>{t('funnel.title')}</h3>
      {figures ? <Steps figures={figures} prices={prices} /> : <Skeleton height={112} />}
    </div>
  );
});

function Steps({ figures, prices }: { figures: Figures; prices: FunnelProps['prices'] }) {
  const { t, number, money } = useFormat();
  const average = averageOrder(figures);
  const [each, ...others] = perMessage(figures);
  const single = others.length === 0 ? each : undefined;
  const assisted = figures.conversions.assisted;
  return (
    <div className="funnel">
      <ol className="funnel-steps">
        {funnelOf(figures).map((step) => (
          <MessageStep key={step.id} step={step} />
        ))}
      </ol>
      <dl className="funnel-worth">
        <Worth label={t('funnel.average')} amount={average} />
        <Worth label={t('funnel.perMessage')} amount={single} />
        {prices && <Costs figures={figures} prices={prices} />}
      </dl>
      <p className="muted small funnel-note">
        {assisted > 0 && t('funnel.assisted', { count: assisted, number: number(assisted) })}{' '}
        {figures.conversionValue.length > 1 &&
          t('funnel.currencies', { amounts: figures.conversionValue.map(money).join(' + ') })}
      </p>
    </div>
  );
}

/** What the messages cost and brought, where one currency answers it. */
function Costs({ figures, prices }: { figures: Figures; prices: readonly MessagePrice[] }) {
  const { t, digits, percent, price: formatPrice } = useFormat();
  const { canWrite } = useApp();
  const openDialog = useDialogs();
  const returns = returnsOf(figures, prices, digits);
  const told = typeof returns === 'object' ? returns : undefined;
  const currency = told?.cost.currency ?? figures.conversionValue[0]?.currency ?? prices[0]?.currency ?? 'BRL';
  const price = prices.find((each) => each.currency === currency);
  return (
    <>
      <Worth label={t('funnel.cost')} amount={told?.cost}>
        {canWrite && (
          <Button kind="plain" onPress={() => openDialog({ kind: 'price', currency })}>
            {price ? t('funnel.priceOf', { price: formatPrice(price) }) : t('funnel.setPrice')}
          </Button>
        )}
        {!canWrite && price && (
          <span className="muted small">{t('funnel.priceOf', { price: formatPrice(price) })}</span>
        )}
      </Worth>
      <div>
        <dt className="muted small funnel-roi">
          {t('funnel.roi')}
          <HelpBubble label={t('figure.help', { figure: t('funnel.roi') })} text={t('funnel.roiHelp')} />
        </dt>
        <dd className="numeric">{told && Number.isFinite(told.roi) ? percent(told.roi) : '–'}</dd>
      </div>
    </>
  );
}

function MessageStep({ step: { id, count, ofDelivered, ofBefore } }: { step: Step }) {
  const { t, percent } = useFormat();
  const share = id === 'delivered' ? (count > 0 ? 1 : 0) : (ofDelivered ?? 0);
  return (
    <FunnelStep id={id} label={t(`funnel.${id}`)} count={count} share={share}>
      {ofDelivered !== undefined && t('figure.ofDelivered', { share: percent(ofDelivered) })}
      {ofBefore !== undefined && ` · ${t('funnel.ofRead', { share: percent(ofBefore) })}`}
    </FunnelStep>
  );
}

function Worth({ label, amount, children }: { label: string; amount: Money | undefined; children?: ReactNode }) {
  const { money } = useFormat();
  return (
    <div>
      <dt className="muted small">{label}</dt>
      <dd className="numeric">{amount ? money(amount) : '–'}</dd>
      {children && <dd className="funnel-price">{children}</dd>}
    </div>
  );
}
