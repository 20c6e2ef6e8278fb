import { useAccount, useAside } from '../api/queries';
import { useFormat, type MessageId } from '../i18n/useFormat';
import { TablePanel } from '../ui/TablePanel';
import { groupAside, REASONS, type AsideGroup } from './asideGroups';

const reasonId = (code: string): MessageId => {
  const known = REASONS.find((each) => each === code);
  return known ? `aside.${known}` : 'aside.other';
};

/** What should have counted and couldn't, by reason, with an example that its sender finds again. */
export function AsideSection() {
  const { t } = useFormat();
  const aside = useAside();
  const groups = groupAside(aside.data?.items ?? []);
  return (
    <section className="section" aria-labelledby="aside-title">
      <h2 id="aside-title" tabIndex={-1}>
        {t('settings.aside')}
      </h2>
      <p className="muted section-title">{t('settings.asideText')}</p>
      <TablePanel
        query={aside}
        isEmpty={groups.length === 0}
        empty={<p className="table-note muted">{t('settings.asideNone')}</p>}
      >
        <AsideTable groups={groups} more={aside.data?.more ?? false} />
      </TablePanel>
    </section>
  );
}

function AsideTable({ groups, more }: { groups: readonly AsideGroup[]; more: boolean }) {
  const { t, number, instant } = useFormat();
  const { data: account } = useAccount();
  return (
    <div className="table-scroll">
      <table role="table" className="table stacking" aria-labelledby="aside-title">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {t('settings.asideReason')}
            </th>
            <th role="columnheader" scope="col" className="end">
              {t('settings.asideAmount')}
            </th>
            <th role="columnheader" scope="col">
              {t('settings.asideExample')}
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {groups.map(({ code, field, count, latest }) => (
            <tr key={code + (field ?? '')} role="row">
              <th role="rowheader" scope="row">
                {t(reasonId(code))}
                <span className="under">{[code, field].filter(Boolean).join(' · ')}</span>
              </th>
              <td role="cell" data-label={t('settings.asideAmount')} className="end numeric">
                {t('settings.asideCount', { more: more ? 'yes' : 'no', number: number(count) })}
              </td>
              <td role="cell" data-label={t('settings.asideExample')} className="of-name aside-example">
                {instant(latest.receivedAt, account?.timeZone ?? 'UTC')}
                <span className="under">
                  {[latest.itemType, latest.orderGroup ?? latest.reminderId ?? latest.itemId]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
