import { useEffect } from 'react';
import { usePurchases } from '../api/queries';
import type { Conversion } from '../api/types';
import { useUrlState } from '../app/useUrlState';
import { useCampaignName } from '../campaigns/useCampaignName';
import { useFormat } from '../i18n/useFormat';
import type { Day, DayRange } from '../period/days';
import { goTo, type RangeChoice } from '../period/urlState';
import { RangePicker } from '../range/RangePicker';
import { Button } from '../ui/Button';
import { EmptyNote } from '../ui/EmptyNote';
import { PageLink } from '../ui/PageLink';
import { RowTable } from '../ui/RowTable';
import { SectionHead } from '../ui/SectionHead';
import { TablePanel } from '../ui/TablePanel';
import { OrderSearch } from './OrderSearch';
import { PurchaseFilters } from './PurchaseFilters';
import { PurchaseTotals } from './PurchaseTotals';
import { WhyDialog } from './WhyDialog';

interface PurchasesViewProps {
  choice: RangeChoice;
  range: DayRange;
  today: Day;
  timeZone: string;
  campaignId: string | undefined;
}

const NO_FILTERS = { campaignId: undefined, kind: undefined, currency: undefined };

/** The orders credited to the messages of the range, and any order that is looked for. */
export default function PurchasesView({ choice, range, today, timeZone, campaignId }: PurchasesViewProps) {
  const { t } = useFormat();
  const { kind, currency, order } = useUrlState();
  const purchases = usePurchases(range, { campaignId, kind, currency });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = purchases;
  const orders = purchases.data?.pages.flatMap((page) => page.items) ?? [];
  const totals = purchases.data?.pages[0]?.totals;
  const isFiltered = campaignId !== undefined || kind !== undefined || currency !== undefined;
  // A page of a rare kind can hold nothing and still have a next one.
  const goesOn = orders.length === 0 && hasNextPage;
  useEffect(() => {
    if (goesOn && !isFetchingNextPage) void fetchNextPage();
  }, [goesOn, isFetchingNextPage, fetchNextPage]);
  const none = isFiltered ? (
    <EmptyNote title={t('purchases.noneFound')} text={t('purchases.noneFoundText')}>
      <Button onPress={() => goTo(NO_FILTERS)}>{t('purchases.clearFilters')}</Button>
    </EmptyNote>
  ) : (
    <EmptyNote title={t('purchases.empty')} text={t('purchases.emptyText')} />
  );
  return (
    <section className="section" aria-labelledby="purchases-title">
      <SectionHead id="purchases-title" title={t('purchases.title')} text={t('purchases.text')}>
        <RangePicker choice={choice} range={range} today={today} />
      </SectionHead>
      <TablePanel
        query={goesOn ? { ...purchases, data: undefined } : purchases}
        isEmpty={orders.length === 0}
        empty={none}
        height={320}
        tools={
          <>
            <div className="table-tools">
              <OrderSearch />
              <PurchaseFilters campaignId={campaignId} kind={kind} currency={currency} totals={totals} />
            </div>
            {totals && (
              <PurchaseTotals totals={totals} currency={currency} listed={hasNextPage ? undefined : orders.length} />
            )}
          </>
        }
      >
        <PurchaseTable orders={orders} timeZone={timeZone} />
      </TablePanel>
      {order !== undefined && <WhyDialog key={order} order={order} onClose={() => goTo({ order: undefined })} />}
    </section>
  );
}

function PurchaseTable({ orders, timeZone }: { orders: Conversion[]; timeZone: string }) {
  const { t, instant, day, money } = useFormat();
  const name = useCampaignName();
  return (
    <RowTable
      labelledBy="purchases-title"
      className="stacking purchases-table"
      columns={[
        { label: t('purchases.order') },
        { label: t('purchases.messageDay'), isSorted: true },
        { label: t('purchases.createdAt') },
        { label: t('purchases.kind') },
        { label: t('purchases.campaign') },
        { label: t('purchases.value'), isEnd: true },
        { label: t('purchases.why'), isHidden: true },
      ]}
    >
      {orders.map(({ orderGroup, createdAt, credit, currency, orderTotal }) => (
        <tr key={orderGroup} role="row">
          <th role="rowheader" scope="row" className="numeric">
            {orderGroup}
          </th>
          <td role="cell" data-label={t('purchases.messageDay')} className="numeric nowrap">
            {day(credit.day)}
          </td>
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
            <PageLink
              to={{ order: orderGroup }}
              className="button plain"
              label={t('purchases.whyButton', { order: orderGroup })}
            >
              {t('purchases.why')}
            </PageLink>
          </td>
        </tr>
      ))}
    </RowTable>
  );
}
