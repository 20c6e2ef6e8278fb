import './carts.css';
import { useMetrics } from '../api/queries';
import { useArrival } from '../app/useArrival';
import { useUrlState } from '../app/useUrlState';
import { CampaignFilter } from '../campaigns/CampaignFilter';
import { LaterTexts } from '../i18n/LaterTexts';
import { useFormat } from '../i18n/useFormat';
import type { Day, DayRange } from '../period/days';
import { goTo, type RangeChoice } from '../period/urlState';
import { RangePicker } from '../range/RangePicker';
import { EmptyNote } from '../ui/EmptyNote';
import { PageLink } from '../ui/PageLink';
import { PanelError } from '../ui/PanelError';
import { SectionHead } from '../ui/SectionHead';
import { Skeleton } from '../ui/Skeleton';
import { CartDialog } from './CartDialog';
import { CartFunnel } from './CartFunnel';
import { CartList } from './CartList';
import { CartReasons } from './CartReasons';

interface CartsViewProps {
  choice: RangeChoice;
  range: DayRange;
  today: Day;
  campaignId: string | undefined;
}

/** What became of the carts that the system followed: how many came how far, why others didn't, and each of them. */
export default function CartsView(props: CartsViewProps) {
  return (
    <LaterTexts parts={['carts']}>
      <Carts {...props} />
    </LaterTexts>
  );
}

function Carts({ choice, range, today, campaignId }: CartsViewProps) {
  const { t } = useFormat();
  const { cart, episode } = useUrlState();
  useArrival();
  return (
    <>
      <section className="section" aria-labelledby="carts-title">
        <SectionHead id="carts-title" title={t('carts.title')} text={t('carts.text')} className="carts-head">
          <CampaignFilter campaignId={campaignId} />
          <RangePicker choice={choice} range={range} today={today} />
        </SectionHead>
        <Numbers range={range} campaignId={campaignId} />
      </section>
      <CartList range={range} campaignId={campaignId} />
      {cart !== undefined && (
        <CartDialog
          key={`${cart} ${episode ?? ''}`}
          orderFormId={cart}
          episode={episode}
          onClose={() => goTo({ cart: undefined, episode: undefined })}
        />
      )}
    </>
  );
}

function Numbers({ range, campaignId }: Pick<CartsViewProps, 'range' | 'campaignId'>) {
  const { t } = useFormat();
  const metrics = useMetrics(range, campaignId);
  const { data } = metrics;
  if (!data) {
    return (
      <div className="card">
        {metrics.isError ? (
          <PanelError error={metrics.error} onRetry={() => void metrics.refetch()} />
        ) : (
          <Skeleton height={240} />
        )}
      </div>
    );
  }
  if (data.funnel.carts === 0) {
    return (
      <div className="card">
        <EmptyNote title={t('carts.empty')} text={t('carts.emptyText')}>
          <PageLink to={{ view: 'sending' }} className="button secondary">
            {t('carts.openSending')}
          </PageLink>
        </EmptyNote>
      </div>
    );
  }
  return (
    <>
      <CartFunnel funnel={data.funnel} figures={data.totals} />
      <CartReasons funnel={data.funnel} />
    </>
  );
}
