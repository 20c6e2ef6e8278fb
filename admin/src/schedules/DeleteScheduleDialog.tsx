import { useDeleteSchedule } from '../api/changes';
import type { Schedule } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { useToast } from '../ui/Toasts';

export function DeleteScheduleDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const { t } = useFormat();
  const toast = useToast();
  const remove = useDeleteSchedule();
  const confirm = (): void =>
    remove.mutate(schedule, {
      onSuccess: () => {
        toast({ kind: 'good', title: t('schedules.deleted') });
        onClose();
      },
    });
  return (
    <ModalDialog alert title={t('schedules.deleteTitle')} onClose={onClose}>
      <DialogBody>
        <p>{t('schedules.deleteText', { email: schedule.email })}</p>
        <FormError error={remove.error} />
      </DialogBody>
      <DialogFoot>
        <Button onPress={onClose} autoFocus>
          {t('action.cancel')}
        </Button>
        <Button kind="danger" onPress={confirm} isBusy={remove.isPending}>
          {t('action.delete')}
        </Button>
      </DialogFoot>
    </ModalDialog>
  );
}
