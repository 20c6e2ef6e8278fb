import { useRequestReport, useToggleSchedule } from '../api/changes';
import { useAccount, useCampaigns, useSchedules } from '../api/queries';
import type { Schedule } from '../api/types';
import { useApp } from '../app/AppContext';
import { useDialogs } from '../app/dialogs';
import { LaterTexts } from '../i18n/LaterTexts';
import { useFormat } from '../i18n/useFormat';
import type { DayRange } from '../period/days';
import { useReportWatch } from '../report/reportWatch';
import { Button } from '../ui/Button';
import { EmptyNote } from '../ui/EmptyNote';
import { PlusIcon } from '../ui/icons';
import { KebabMenu, type MenuAction } from '../ui/KebabMenu';
import { RowTable } from '../ui/RowTable';
import { SectionHead } from '../ui/SectionHead';
import { TablePanel } from '../ui/TablePanel';
import { useToast } from '../ui/Toasts';
import { useProblemText } from '../ui/useProblemText';

/** The reports that are mailed by themselves. */
export default function SchedulesView() {
  return (
    <LaterTexts parts={['settings']}>
      <Schedules />
    </LaterTexts>
  );
}

function Schedules() {
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
      <SectionHead id="schedules-title" title={t('schedules.title')} text={t('schedules.text')}>
        {schedules.data && schedules.data.length > 0 && add}
      </SectionHead>
      <TablePanel
        query={schedules}
        isEmpty={schedules.data?.length === 0}
        height={200}
        empty={
          <EmptyNote title={t('schedules.empty')} text={t('schedules.emptyText')}>
            {add}
          </EmptyNote>
        }
      >
        <ScheduleTable schedules={schedules.data ?? []} />
      </TablePanel>
    </section>
  );
}

function ScheduleTable({ schedules }: { schedules: Schedule[] }) {
  const { t } = useFormat();
  return (
    <RowTable
      labelledBy="schedules-title"
      columns={[
        { label: t('schedules.email') },
        { label: t('schedules.frequency') },
        { label: t('schedules.campaign') },
        { label: t('schedules.status') },
        { label: t('schedules.lastRun') },
        { label: t('schedules.nextRun') },
        { label: t('report.format') },
        { label: t('campaigns.actions'), isHidden: true },
      ]}
    >
      {schedules.map((schedule) => (
        <ScheduleRow key={schedule.id} schedule={schedule} />
      ))}
    </RowTable>
  );
}

/** Who wants no mail alone can say otherwise: nobody else is offered to. */
const isRecipientsToResume = ({ recipientUnsubscribed, pauseReason }: Schedule): boolean =>
  recipientUnsubscribed || pauseReason === 'recipient-unsubscribed' || pauseReason === 'complained';

function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const { t, day, instant } = useFormat();
  const { canWrite } = useApp();
  const { data: account } = useAccount();
  const { data: campaigns } = useCampaigns();
  const actions = useScheduleActions(schedule);
  const { email, status, lastRunOn, nextRunAt, recipientUnsubscribed } = schedule;
  const campaign = campaigns?.find((each) => each.campaignId === schedule.campaignId);
  const reason = schedule.pauseReason ?? (recipientUnsubscribed ? 'recipient-unsubscribed' : undefined);
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
        <span className={`tag ${status}`}>{t(status === 'active' ? 'schedules.active' : 'schedules.paused')}</span>
        {reason && <div className="muted small">{t(`schedules.${reason}`)}</div>}
        {status === 'paused' && isRecipientsToResume(schedule) && (
          <div className="muted small">{t('schedules.noResume')}</div>
        )}
      </td>
      <td role="cell" data-label={t('schedules.lastRun')} className="nowrap">
        {lastRunOn ? day(lastRunOn) : <span className="muted">{t('schedules.never')}</span>}
      </td>
      <td role="cell" data-label={t('schedules.nextRun')} className="numeric">
        {nextRunAt ? (
          instant(nextRunAt, account?.timeZone ?? 'UTC')
        ) : (
          <span className="muted">{t('schedules.wontRun')}</span>
        )}
      </td>
      <td role="cell" data-label={t('report.format')}>
        {t(`report.${schedule.format}`)}
      </td>
      <td role="cell" className="end">
        {canWrite && <KebabMenu label={t('schedules.menu', { email })} actions={actions} />}
      </td>
    </tr>
  );
}

/** What can be done with a schedule. */
function useScheduleActions(schedule: Schedule): MenuAction[] {
  const { t, range } = useFormat();
  const toast = useToast();
  const watch = useReportWatch();
  const problemText = useProblemText();
  const openDialog = useDialogs();
  const toggle = useToggleSchedule();
  const send = useRequestReport();
  const { email, status, format, campaignId, latestPeriod, recipientUnsubscribed } = schedule;
  const active = status === 'active';
  const onError = (error: Error): void => toast({ kind: 'bad', title: problemText(error) });
  const onToggle = (): void =>
    toggle.mutate(schedule, {
      onSuccess: () =>
        toast({ kind: 'good', title: t(active ? 'schedules.pausedDone' : 'schedules.resumedDone', { email }) }),
      onError,
    });
  const sendNow = (period: DayRange): void => {
    const body = { email, format, ...period, ...(campaignId ? { campaignId } : {}) };
    send.mutate(
      { key: crypto.randomUUID(), body },
      {
        onSuccess: ({ id }) => {
          toast({ kind: 'good', title: t('schedules.sendNowStarted', { range: range(period), email }) });
          watch({ id, request: body });
        },
        onError,
      },
    );
  };
  const offers = (isOffered: boolean, action: MenuAction): MenuAction[] => (isOffered ? [action] : []);
  return [
    ...(latestPeriod
      ? offers(!recipientUnsubscribed, {
          id: 'send',
          label: t('schedules.sendNow'),
          onAction: () => sendNow(latestPeriod),
        })
      : []),
    { id: 'edit', label: t('action.edit'), onAction: () => openDialog({ kind: 'schedule', schedule }) },
    ...offers(active || !isRecipientsToResume(schedule), {
      id: 'toggle',
      label: t(active ? 'action.pause' : 'action.resume'),
      onAction: onToggle,
    }),
    { id: 'delete', label: t('action.delete'), onAction: () => openDialog({ kind: 'deleteSchedule', schedule }) },
  ];
}
