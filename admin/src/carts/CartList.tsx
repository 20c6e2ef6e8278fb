import { useEffect } from 'react';
import { useUrlState } from '../app/useUrlState';
import { useWhen } from '../app/useWhen';
import { useCampaignName } from '../campaigns/useCampaignName';
import { useFormat } from '../i18n/useFormat';
import type { DayRange } from '../period/days';
import { goTo, OUTCOMES } from '../period/urlState';
import { Button } from '../ui/Button';
import { EmptyNote } from '../ui/EmptyNote';
import { PageLink } from '../ui/PageLink';
import { RowTable } from '../ui/RowTable';
import { TablePanel } from '../ui/TablePanel';
import { useCarts, type CartFilters } from './api';
import { CartSearch } from './CartSearch';
import { CART_REASONS, reasonText } from './reasons';
import { useOutcomeText } from './reasonTexts';
import type { DecidedCart } from './types';

const ALL_OUTCOMES = { outcome: undefined, reason: undefined };

/** The carts that were decided in the range, and any cart that is looked for. */
export function CartList({ range, campaignId }: { range: DayRange; campaignId: string | undefined }) {
  const { t } = useFormat();
  const { outcome, reason: named } = useUrlState();
  const reason = CART_REASONS.find((each) => each === named);
  const carts = useFilledCarts(range, { campaignId, outcome, reason });
  const items = carts.data?.pages.flatMap((page) => page.items) ?? [];
  const none =
    outcome === undefined && reason === undefined ? (
      <p className="table-note muted">{t('carts.listNone')}</p>
    ) : (
      <EmptyNote title={t('carts.noneFound')} text={t('carts.noneFoundText')}>
        <Button onPress={() => goTo(ALL_OUTCOMES)}>{t('carts.showAll')}</Button>
      </EmptyNote>
    );
  return (
    <section className="section" aria-labelledby="cart-list-title">
      <h3 id="cart-list-title" className="section-title" tabIndex={-1}>
        {t('carts.list')}
      </h3>
      <TablePanel
        query={items.length === 0 && carts.hasNextPage ? { ...carts, data: undefined } : carts}
        isEmpty={items.length === 0}
        empty={none}
        height={240}
        tools={
          <div className="table-tools">
            <CartSearch>
              <OutcomeFilter chosen={reason ?? outcome ?? ALL} />
            </CartSearch>
          </div>
        }
      >
        <CartTable items={items} />
      </TablePanel>
    </section>
  );
}

/** The carts; a page without any that has a next one is followed by that one. */
function useFilledCarts(range: DayRange, filters: CartFilters) {
  const carts = useCarts(range, filters);
  const { hasNextPage, isFetching, isError, fetchNextPage } = carts;
  const goesOn = hasNextPage && !isError && carts.data?.pages.at(-1)?.items.length === 0;
  useEffect(() => {
    if (goesOn && !isFetching) void fetchNextPage();
  }, [goesOn, isFetching, fetchNextPage]);
  return carts;
}

/** The value of a browser's list that stands for no choice. */
const ALL = '';

/** Narrows the carts to an outcome or a reason; the choice is part of the address. */
function OutcomeFilter({ chosen }: { chosen: string }) {
  const { t } = useFormat();
  const choose = (value: string): void => {
    const outcome = OUTCOMES.find((each) => each === value);
    if (outcome || value === ALL) goTo({ outcome, reason: undefined });
    else goTo({ outcome: 'skipped', reason: value });
  };
  return (
    <select
      className="input filter"
      aria-label={t('carts.outcome')}
      value={chosen}
      onChange={({ target }) => choose(target.value)}
    >
      <option value={ALL}>{t('carts.allOutcomes')}</option>
      {OUTCOMES.map((each) => (
        <option key={each} value={each}>
          {t(`carts.outcome.${each}`)}
        </option>
      ))}
      <optgroup label={t('carts.reasons')}>
        {CART_REASONS.map((each) => (
          <option key={each} value={each}>
            {t(reasonText(each))}
          </option>
        ))}
      </optgroup>
    </select>
  );
}

function CartTable({ items }: { items: readonly DecidedCart[] }) {
  const { t } = useFormat();
  return (
    <RowTable
      labelledBy="cart-list-title"
      className="stacking carts-table"
      columns={[
        { label: t('carts.cart') },
        { label: t('carts.decidedAt'), isSorted: true },
        { label: t('carts.outcome') },
        { label: t('purchases.campaign') },
        { label: t('carts.why'), isHidden: true },
      ]}
    >
      {items.map((decision, place) => (
        // Two carts that were erased can have been decided at once.
        <CartRow key={decision.orderFormId ? `${decision.orderFormId} ${decision.decidedAt}` : place} {...decision} />
      ))}
    </RowTable>
  );
}

function CartRow(decision: DecidedCart) {
  const { t } = useFormat();
  const when = useWhen();
  const campaign = useCampaignName();
  const { outcome, detail } = useOutcomeText()(decision);
  const { orderFormId, episode, campaignId } = decision;
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        {orderFormId ?? <span className="muted">{t('carts.noId')}</span>}
      </th>
      <td role="cell" data-label={t('carts.decidedAt')} className="numeric">
        {when(decision.decidedAt)}
      </td>
      <td role="cell" data-label={t('carts.outcome')}>
        {outcome}
        {detail && <span className="under">{detail}</span>}
      </td>
      <td role="cell" data-label={t('purchases.campaign')} className="of-name">
        {campaignId ? campaign(campaignId) : t('carts.noCampaign')}
      </td>
      <td role="cell" className="end">
        {orderFormId && (
          <PageLink
            to={{ cart: orderFormId, episode }}
            className="button plain"
            label={t('carts.whyButton', { cart: orderFormId })}
          >
            {t('carts.why')}
          </PageLink>
        )}
      </td>
    </tr>
  );
}
