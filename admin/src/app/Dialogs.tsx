import { CreateDialog } from '../campaigns/CreateDialog';
import { EditDialog } from '../campaigns/EditDialog';
import { HistoryDialog } from '../campaigns/HistoryDialog';
import { PauseDialog } from '../campaigns/PauseDialog';
import { PriceDialog } from '../overview/PriceDialog';
import { SendReportDialog } from '../report/SendReportDialog';
import { DeleteScheduleDialog } from '../schedules/DeleteScheduleDialog';
import { EraseDialog } from '../settings/EraseDialog';
import { ScheduleDialog } from '../schedules/ScheduleDialog';
import { SecretDialog } from '../settings/SecretDialog';
import { VtexDialog } from '../settings/VtexDialog';
import { LaterTexts } from '../i18n/LaterTexts';
import type { DialogRequest } from './dialogs';

interface DialogsProps {
  request: DialogRequest;
  onClose: () => void;
}

export default function Dialogs(props: DialogsProps) {
  return (
    <LaterTexts parts={['settings']}>
      <Asked {...props} />
    </LaterTexts>
  );
}

function Asked({ request, onClose }: DialogsProps) {
  switch (request.kind) {
    case 'report':
      return 'again' in request ? (
        <SendReportDialog campaignId={request.again.campaignId ?? undefined} again={request.again} onClose={onClose} />
      ) : (
        <SendReportDialog campaignId={request.campaign?.campaignId} onClose={onClose} />
      );
    case 'create':
      return <CreateDialog onClose={onClose} />;
    case 'edit':
      return <EditDialog campaign={request.campaign} onClose={onClose} />;
    case 'pause':
      return <PauseDialog campaign={request.campaign} onClose={onClose} />;
    case 'history':
      return <HistoryDialog campaign={request.campaign} onClose={onClose} />;
    case 'price':
      return <PriceDialog currency={request.currency} onClose={onClose} />;
    case 'schedule':
      return <ScheduleDialog {...(request.schedule ? { schedule: request.schedule } : {})} onClose={onClose} />;
    case 'deleteSchedule':
      return <DeleteScheduleDialog schedule={request.schedule} onClose={onClose} />;
    case 'secret':
      return <SecretDialog renews={request.renews} onClose={onClose} />;
    case 'vtex':
      return <VtexDialog onClose={onClose} />;
    case 'erase':
      return <EraseDialog onClose={onClose} />;
  }
}
