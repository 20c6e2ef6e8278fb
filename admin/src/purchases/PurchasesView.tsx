import { useCampaigns, usePurchases } from '../api/queries';
import type { Conversion } from '../api/types';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import type { Day, DayRange } from '../period/days';
import type { RangeChoice } from '../period/urlState';
import { RangePicker } from '../range/RangePicker';
import { Button } from '../ui/Button';
import { EmptyNote } from '../ui/EmptyNote';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';
import { CampaignChip } from '../overview/CampaignChip';

interface PurchasesViewProps {
  choice: RangeChoice;
  range: DayRange;
  today: Day;
  timeZone: string;
  campaignId: string | undefined;
}

/** The orders credited to the messages of the range. */
export default function PurchasesView({ choice, range, today, timeZone, campaignId }: PurchasesViewProps) {
  const { t } = useFormat();
  const purchases = usePurchases(range, campaignId);
  const orders = purchases.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="section" aria-labelledby="purchases-title">
      <div className="section-head">
        <div>
          <h2 id="purchases-title" tabIndex={-1}>
            {t('purchases.title')}
          </h2>
          <p className="muted">{t('purchases.text')}</p>
        </div>
        <RangePicker choice={choice} range={range} today={today} />
      </div>
      {campaignId && (
        <div className="section-notes">
          <CampaignChip campaignId={campaignId} />
        </div>
      )}
      <div className="card table-card">
        {purchases.isError && !purchases.data ? (
          <PanelError error={purchases.error} onRetry={() => void purchases.refetch()} />
        ) : !purchases.data ? (
          <div className="table-skeleton">
            <Skeleton height={320} />
          </div>
        ) : orders.length === 0 && !purchases.hasNextPage ? (
          <EmptyNote title={t('purchases.empty')} text={t('purchases.emptyText')} />
        ) : (
          <>
            <PurchaseTable orders={orders} timeZone={timeZone} />
            {purchases.hasNextPage && (
              <div className="table-foot">
                <Button onPress={() => void purchases.fetchNextPage()} isBusy={purchases.isFetchingNextPage}>
                  {t('action.loadMore')}
                </Button>
              </div>
            )}
          </>
        )}
      </div>
    </section>
  );
}

function PurchaseTable({ orders, timeZone }: { orders: Conversion[]; timeZone: string }) {
  const { t, instant, money } = useFormat();
  const openDialog = useDialogs();
  const { data: campaigns } = useCampaigns();
  const name = (id: string): string => campaigns?.find((each) => each.campaignId === id)?.name ?? '…';
  return (
    <div className="table-scroll">
      <table role="table" className="table stacking purchases-table" aria-labelledby="purchases-title">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {t('purchases.order')}
            </th>
            <th role="columnheader" scope="col">
              {t('purchases.createdAt')}
            </th>
            <th role="columnheader" scope="col">
              {t('purchases.kind')}
            </th>
            <th role="columnheader" scope="col">
              {t('purchases.campaign')}
            </th>
            <th role="columnheader" scope="col" className="end">
              {t('purchases.value')}
            </th>
            <th role="columnheader" scope="col">
              <span className="visually-hidden">{t('purchases.why')}</span>
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {orders.map(({ orderGroup, createdAt, credit, currency, orderTotal }) => (
            <tr key={orderGroup} role="row">
              <th role="rowheader" scope="row" className="numeric">
                {orderGroup}
              </th>
              <td role="cell" data-label={t('purchases.createdAt')} className="numeric">
                {instant(createdAt, timeZone)}
              </td>
              <td role="cell" data-label={t('purchases.kind')}>
                <span className={`kind ${credit.kind}`}>{t(`purchases.${credit.kind}`)}</span>
              </td>
              <td role="cell" data-label={t('purchases.campaign')} className="of-name">
                {name(credit.campaignId)}
              </td>
              <td role="cell" data-label={t('purchases.value')} className="end numeric">
                {money({ currency, amount: orderTotal })}
              </td>
              <td role="cell" className="end">
                <Button
                  kind="plain"
                  aria-label={t('purchases.whyButton', { order: orderGroup })}
                  onPress={() => openDialog({ kind: 'why', orderGroup })}
                >
                  {t('purchases.why')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
