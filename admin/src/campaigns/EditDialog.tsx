import { useState } from 'react';
import { useEditCampaign, useFreshCampaign } from '../api/changes';
import { isProblem } from '../api/problem';
import type { Campaign, NewCampaign } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { AlertIcon } from '../ui/icons';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { useToast } from '../ui/Toasts';
import { CampaignFields, isName } from './CampaignFields';
import { ChangeList, changesBetween } from './ChangeList';

interface EditDialogProps {
  campaign: Campaign;
  onClose: () => void;
}

const fieldsOf = ({ name, language, messageType }: NewCampaign): NewCampaign => ({ name, language, messageType });

/** Edits a campaign: fill in, look at what changes, confirm. A change made meanwhile by someone else is shown first. */
export function EditDialog({ campaign, onClose }: EditDialogProps) {
  const { t } = useFormat();
  const toast = useToast();
  const edit = useEditCampaign();
  const fresh = useFreshCampaign();
  const [base, setBase] = useState(campaign);
  const [draft, setDraft] = useState<NewCampaign>(() => fieldsOf(campaign));
  const [step, setStep] = useState<'fields' | 'confirm' | 'stale'>('fields');
  const [tried, setTried] = useState(false);

  const to = { ...draft, name: draft.name.trim() };
  const unchanged = changesBetween(base, to).length === 0;
  const save = (): void => {
    edit.mutate(
      { base, to },
      {
        onSuccess: ({ name }) => {
          toast({ kind: 'good', title: t('edit.saved', { name }) });
          onClose();
        },
        onError: (error) => {
          if (!isProblem(error) || error.status !== 412) return;
          fresh.mutate(base.campaignId, {
            onSuccess: (now) => {
              setBase(now);
              setStep('stale');
              edit.reset();
            },
          });
        },
      },
    );
  };
  const submit = (): void => {
    setTried(true);
    if (step === 'fields') {
      if (isName(draft.name) && !unchanged) setStep('confirm');
    } else if (step === 'stale') {
      setStep(unchanged ? 'fields' : 'confirm');
    } else if (!edit.isPending) {
      save();
    }
  };
  const nameError = tried && !isName(draft.name) ? t('edit.nameInvalid') : undefined;
  const title = step === 'confirm' ? t('edit.confirmTitle') : t('edit.title');

  return (
    <ModalDialog title={title} onClose={onClose}>
      <FieldForm error={edit.error} onSubmit={submit}>
        <DialogBody>
          {step === 'fields' && (
            <>
              <CampaignFields value={draft} onChange={setDraft} nameError={nameError} />
              <p className="muted small live" aria-live="polite">
                {tried && unchanged ? t('edit.unchanged') : ''}
              </p>
            </>
          )}
          {step === 'confirm' && (
            <>
              <p>{t('edit.confirmText', { name: base.name })}</p>
              <ChangeList changes={changesBetween(base, to)} />
              <FormError error={fresh.error ?? edit.error} />
            </>
          )}
          {step === 'stale' && (
            <div className="notice warn" role="alert">
              <AlertIcon />
              <div>
                <p className="notice-title">{t('edit.stale')}</p>
                <p>{t('edit.staleText')}</p>
                <p>
                  {t('edit.now', {
                    name: base.name,
                    language: t(`language.${base.language}`),
                    messageType: t(`messageType.${base.messageType}`),
                  })}
                </p>
              </div>
            </div>
          )}
        </DialogBody>
        <DialogFoot>
          {step === 'confirm' ? (
            <Button key="back" onPress={() => setStep('fields')}>
              {t('action.back')}
            </Button>
          ) : (
            <Button key="cancel" onPress={onClose}>
              {t('action.cancel')}
            </Button>
          )}
          {/* One button through all steps, so that the focus stays where the reader is. */}
          <Button kind="primary" type="submit" isBusy={edit.isPending || fresh.isPending}>
            {step === 'fields' ? t('action.continue') : step === 'stale' ? t('edit.review') : t('action.confirm')}
          </Button>
        </DialogFoot>
      </FieldForm>
    </ModalDialog>
  );
}
