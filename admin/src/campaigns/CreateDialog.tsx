import { useState } from 'react';
import { useCreateCampaign } from '../api/changes';
import { isProblem } from '../api/problem';
import type { NewCampaign } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { useToast } from '../ui/Toasts';
import { useFieldProblem } from '../ui/useProblemText';
import { CampaignFields, isName } from './CampaignFields';

export function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t, language } = useFormat();
  const toast = useToast();
  const create = useCreateCampaign();
  const fieldProblem = useFieldProblem();
  const [draft, setDraft] = useState<NewCampaign>({ name: '', language, messageType: 'text' });
  const [tried, setTried] = useState(false);
  const submit = (): void => {
    setTried(true);
    if (!isName(draft.name) || create.isPending) return;
    create.mutate(
      { ...draft, name: draft.name.trim() },
      {
        onSuccess: ({ name }) => {
          toast({ kind: 'good', title: t('edit.created', { name }) });
          onClose();
        },
      },
    );
  };
  const tooMany = isProblem(create.error) && create.error.status === 409;
  return (
    <ModalDialog title={t('edit.newTitle')} onClose={onClose}>
      <FieldForm error={create.error} onSubmit={submit}>
        <DialogBody>
          <CampaignFields
            value={draft}
            onChange={setDraft}
            nameError={tried && !isName(draft.name) ? t('edit.nameInvalid') : fieldProblem(create.error, 'name')}
          />
          <FormError error={create.error} text={tooMany ? t('edit.tooMany') : undefined} except={['name']} />
        </DialogBody>
        <DialogFoot>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={create.isPending}>
            {t('edit.create')}
          </Button>
        </DialogFoot>
      </FieldForm>
    </ModalDialog>
  );
}
