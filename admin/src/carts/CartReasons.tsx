import type { Metrics } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { PageLink } from '../ui/PageLink';
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
          <div className="table-scroll">
            <table role="table" className="table" aria-labelledby="cart-reasons-title">
              <thead role="rowgroup">
                <tr role="row">
                  <th role="columnheader" scope="col">
                    {t('carts.reason')}
                  </th>
                  <th role="columnheader" scope="col" aria-sort="descending" className="end">
                    {t('carts.count')}
                  </th>
                </tr>
              </thead>
              <tbody role="rowgroup">
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
              </tbody>
            </table>
          </div>
        )}
      </div>
    </section>
  );
}
