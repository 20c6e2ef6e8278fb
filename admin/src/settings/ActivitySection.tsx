import { useAccount, useActivity } from '../api/queries';
import { useAuthor } from '../campaigns/useAuthor';
import { useFormat } from '../i18n/useFormat';
import { TablePanel } from '../ui/TablePanel';
import { activityText } from './activityText';

/** Who changed what, newest first. */
export function ActivitySection() {
  const format = useFormat();
  const { t, instant } = format;
  const author = useAuthor();
  const activity = useActivity();
  const { data: account } = useAccount();
  const items = activity.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="section" aria-labelledby="activity-title">
      <h2 id="activity-title" tabIndex={-1}>
        {t('activity.title')}
      </h2>
      <p className="muted section-title">{t('activity.text')}</p>
      <TablePanel
        query={activity}
        isEmpty={items.length === 0}
        empty={<p className="table-note muted">{t('activity.none')}</p>}
      >
        <ol className="history activity">
          {items.map((entry) => (
            <li key={entry.id}>
              <p>{activityText(format, entry)}</p>
              <p className="muted small">
                {t('history.by', { by: author(entry.by), at: instant(entry.at, account?.timeZone ?? 'UTC') })}
              </p>
            </li>
          ))}
        </ol>
      </TablePanel>
    </section>
  );
}
