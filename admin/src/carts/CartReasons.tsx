import type { Metrics } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { PageLink } from '../ui/PageLink';
import { RowTable } from '../ui/RowTable';
import { reasonText } from './reasons';

/** Why carts got no reminder, the most frequent reason first; each leads to its carts. */
export function CartReasons({ funnel: { carts, skipped } }: { funnel: Metrics['funnel'] }) {
  const { t, number, percent } = useFormat();
  return (
    <section className="section" aria-labelledby="cart-reasons-title">
      <h3 id="cart-reasons-title" className="section-title" tabIndex={-1}>
        {t('carts.reasons')}
      </h3>
      <div className="card table-card">
        {skipped.length === 0 ? (
          <p className="table-note muted">{t('carts.reasonsNone')}</p>
        ) : (
          <RowTable
            labelledBy="cart-reasons-title"
            className=""
            columns={[{ label: t('carts.reason') }, { label: t('carts.count'), isEnd: true, isSorted: true }]}
          >
            {skipped.map(({ reason, count }) => (
              <tr key={reason} role="row">
                <th role="rowheader" scope="row">
                  <PageLink
                    to={{ outcome: 'skipped', reason }}
                    heading="cart-list-title"
                    label={t('carts.show', { reason: t(reasonText(reason)) })}
                  >
                    {t(reasonText(reason))}
                  </PageLink>
                </th>
                <td role="cell" className="end numeric">
                  {number(count)}
                  <span className="under">{percent(count / carts)}</span>
                </td>
              </tr>
            ))}
          </RowTable>
        )}
      </div>
    </section>
  );
}
