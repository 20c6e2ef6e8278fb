import { useToggleCampaign } from '../api/changes';
import type { Campaign } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { useToast } from '../ui/Toasts';

interface PauseDialogProps {
  campaign: Campaign;
  onClose: () => void;
}

/** Asks before pausing or resuming, and says what that will and won't stop. */
export function PauseDialog({ campaign, onClose }: PauseDialogProps) {
  const { t } = useFormat();
  const toast = useToast();
  const toggle = useToggleCampaign();
  const pausing = campaign.status === 'active';
  const { name } = campaign;
  const confirm = (): void =>
    toggle.mutate(campaign, {
      onSuccess: () => {
        toast({ kind: 'good', title: t(pausing ? 'pause.done' : 'resume.done', { name }) });
        onClose();
      },
    });
  return (
    <ModalDialog alert title={t(pausing ? 'pause.title' : 'resume.title', { name })} onClose={onClose}>
      <DialogBody>
        {pausing ? (
          <dl className="consequences">
            <dt>{t('pause.stops')}</dt>
            <dd>{t('pause.stopsText')}</dd>
            <dt>{t('pause.continues')}</dt>
            <dd>{t('pause.continuesText')}</dd>
          </dl>
        ) : (
          <p>{t('resume.text')}</p>
        )}
        <FormError error={toggle.error} />
      </DialogBody>
      <DialogFoot>
        <Button onPress={onClose} autoFocus>
          {t('action.cancel')}
        </Button>
        <Button kind="primary" onPress={confirm} isBusy={toggle.isPending}>
          {t('action.confirm')}
        </Button>
      </DialogFoot>
    </ModalDialog>
  );
}
