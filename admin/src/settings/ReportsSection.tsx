import { useAccount, useReports } from '../api/queries';
import type { Report } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { useReportFile } from '../report/useReportFile';
import { Button } from '../ui/Button';
import { RowTable } from '../ui/RowTable';
import { TablePanel } from '../ui/TablePanel';

const tags: Record<Report['status'], string> = {
  requested: 'paused',
  running: 'paused',
  'waiting-for-recipient': 'counting',
  mailed: 'active',
  failed: 'failed',
  bounced: 'failed',
  complained: 'failed',
};

/** The reports asked for, how far each is, and its file. */
export function ReportsSection() {
  const { t } = useFormat();
  const reports = useReports();
  const items = reports.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="section" aria-labelledby="reports-title">
      <h2 id="reports-title" className="section-title" tabIndex={-1}>
        {t('settings.reports')}
      </h2>
      <TablePanel
        query={reports}
        isEmpty={items.length === 0}
        empty={<p className="table-note muted">{t('settings.reportsNone')}</p>}
      >
        <ReportTable reports={items} />
      </TablePanel>
    </section>
  );
}

function ReportTable({ reports }: { reports: Report[] }) {
  const { t } = useFormat();
  return (
    <RowTable
      labelledBy="reports-title"
      className="stacking reports-table"
      columns={[
        { label: t('settings.recipient') },
        { label: t('settings.requestedAt') },
        { label: t('report.range') },
        { label: t('campaigns.status') },
        { label: t('settings.rows'), isEnd: true },
        { label: t('settings.download'), isHidden: true },
      ]}
    >
      {reports.map((report) => (
        <ReportRow key={report.id} report={report} />
      ))}
    </RowTable>
  );
}

function ReportRow({ report }: { report: Report }) {
  const { t, instant, range: formatRange, number } = useFormat();
  const { data: account } = useAccount();
  const { fetchFile, isPending } = useReportFile();
  const { id, email, status, file, fileErasedAt, requestedAt } = report;
  const range = formatRange(report);
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        {email}
      </th>
      <td role="cell" data-label={t('settings.requestedAt')} className="numeric">
        {instant(requestedAt, account?.timeZone ?? 'UTC')}
      </td>
      <td role="cell" data-label={t('report.range')} className="nowrap">
        {range}
      </td>
      <td role="cell" data-label={t('campaigns.status')}>
        <span className={`tag ${tags[status]}`}>{t(`settings.status.${status}`)}</span>
      </td>
      <td role="cell" data-label={t('settings.rows')} className="end numeric">
        {file ? number(file.rows) : '–'}
      </td>
      <td role="cell" className="end">
        {file && !fileErasedAt ? (
          <Button
            kind="plain"
            aria-label={t('settings.downloadOf', { range, email })}
            isBusy={isPending}
            onPress={() => fetchFile(id)}
          >
            {t('settings.download')}
          </Button>
        ) : (
          fileErasedAt && <span className="muted small">{t('settings.downloadGone')}</span>
        )}
      </td>
    </tr>
  );
}
