import { useOrderItems } from '../api/queries';
import type { ItemLine } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';

/** What was in the message's cart, and what was bought. */
export function OrderItemsList({ order, hasCart }: { order: string; hasCart: boolean }) {
  const { t } = useFormat();
  const items = useOrderItems(order);
  if (items.isError) return <PanelError level={2} error={items.error} onRetry={() => void items.refetch()} />;
  if (!items.data) return <Skeleton height={80} />;
  const { currency, checkoutItems, orderItems, orderItemsLeftOut } = items.data;
  return (
    <>
      {hasCart && (
        <>
          <h2 className="subtitle">{t('why.cartItems')}</h2>
          <Lines items={checkoutItems} currency={currency} />
        </>
      )}
      <h2 className="subtitle">{t('why.boughtItems')}</h2>
      <Lines items={orderItems} currency={currency} />
      {orderItemsLeftOut > 0 && <p className="muted small">{t('why.itemsLeftOut', { count: orderItemsLeftOut })}</p>}
    </>
  );
}

function Lines({ items, currency }: { items: ItemLine[]; currency: string }) {
  const { t, number, money } = useFormat();
  if (items.length === 0) return <p className="muted">{t('why.noItems')}</p>;
  return (
    <ul className="why-list">
      {items.map((item, index) => (
        <li key={index}>
          {number(item.quantity)} × {item.name || item.id}
          <span className="muted numeric"> · {money({ currency, amount: item.price })}</span>
        </li>
      ))}
    </ul>
  );
}
