import { useToggleSchedule } from '../api/changes';
import { useCampaigns, useSchedules } from '../api/queries';
import type { Schedule } from '../api/types';
import { useApp } from '../app/AppContext';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { EmptyNote } from '../ui/EmptyNote';
import { PlusIcon } from '../ui/icons';
import { KebabMenu } from '../ui/KebabMenu';
import { useToast } from '../ui/Toasts';
import { useProblemText } from '../ui/useProblemText';
import { TablePanel } from '../ui/TablePanel';

/** The reports that are mailed by themselves. */
export default function SchedulesView() {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const openDialog = useDialogs();
  const schedules = useSchedules();
  const add = canWrite && (
    <Button
      kind={schedules.data?.length === 0 ? 'primary' : 'secondary'}
      onPress={() => openDialog({ kind: 'schedule' })}
    >
      <PlusIcon size={16} />
      {t('schedules.new')}
    </Button>
  );
  return (
    <section className="section" aria-labelledby="schedules-title">
      <div className="section-head">
        <div>
          <h2 id="schedules-title" tabIndex={-1}>
            {t('schedules.title')}
          </h2>
          <p className="muted">{t('schedules.text')}</p>
        </div>
        {schedules.data && schedules.data.length > 0 && add}
      </div>
      <TablePanel
        query={schedules}
        isEmpty={schedules.data?.length === 0}
        empty={
          <EmptyNote title={t('schedules.empty')} text={t('schedules.emptyText')}>
            {add}
          </EmptyNote>
        }
        height={200}
      >
        <ScheduleTable schedules={schedules.data ?? []} />
      </TablePanel>
    </section>
  );
}

function ScheduleTable({ schedules }: { schedules: Schedule[] }) {
  const { t } = useFormat();
  return (
    <div className="table-scroll">
      <table role="table" className="table stacking" aria-labelledby="schedules-title">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {t('schedules.email')}
            </th>
            <th role="columnheader" scope="col">
              {t('schedules.frequency')}
            </th>
            <th role="columnheader" scope="col">
              {t('schedules.campaign')}
            </th>
            <th role="columnheader" scope="col">
              {t('schedules.status')}
            </th>
            <th role="columnheader" scope="col">
              {t('report.format')}
            </th>
            <th role="columnheader" scope="col">
              <span className="visually-hidden">{t('campaigns.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {schedules.map((schedule) => (
            <ScheduleRow key={schedule.id} schedule={schedule} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const toast = useToast();
  const problemText = useProblemText();
  const openDialog = useDialogs();
  const toggle = useToggleSchedule();
  const { data: campaigns } = useCampaigns();
  const { email, status } = schedule;
  const active = status === 'active';
  const campaign = campaigns?.find((each) => each.campaignId === schedule.campaignId);
  const onToggle = (): void =>
    toggle.mutate(schedule, {
      onSuccess: () =>
        toast({ kind: 'good', title: t(active ? 'schedules.pausedDone' : 'schedules.resumedDone', { email }) }),
      onError: (error) => toast({ kind: 'bad', title: problemText(error) }),
    });
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        {email}
      </th>
      <td role="cell" data-label={t('schedules.frequency')}>
        {t(`schedules.${schedule.frequency}`)}
      </td>
      <td role="cell" data-label={t('schedules.campaign')} className="of-name">
        {schedule.campaignId ? (campaign?.name ?? '…') : t('report.allCampaigns')}
      </td>
      <td role="cell" data-label={t('schedules.status')}>
        <span className={`tag ${status}`}>{t(active ? 'schedules.active' : 'schedules.paused')}</span>
        {schedule.pauseReason && <div className="muted small">{t(`schedules.${schedule.pauseReason}`)}</div>}
      </td>
      <td role="cell" data-label={t('report.format')}>
        {t(`report.${schedule.format}`)}
      </td>
      <td role="cell" className="end">
        {canWrite && (
          <KebabMenu
            label={t('schedules.menu', { email })}
            actions={[
              { id: 'toggle', label: t(active ? 'action.pause' : 'action.resume'), onAction: onToggle },
              {
                id: 'delete',
                label: t('action.delete'),
                onAction: () => openDialog({ kind: 'deleteSchedule', schedule }),
              },
            ]}
          />
        )}
      </td>
    </tr>
  );
}
