import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useCreateCampaign } from '../api/changes';
import { isProblem } from '../api/problem';
import type { NewCampaign } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { useToast } from '../ui/Toasts';
import { CampaignFields, isName } from './CampaignFields';

export function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t, language } = useFormat();
  const toast = useToast();
  const create = useCreateCampaign();
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
      <Form
        validationBehavior="aria"
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <DialogBody>
          <CampaignFields
            value={draft}
            onChange={setDraft}
            nameError={tried && !isName(draft.name) ? t('edit.nameInvalid') : undefined}
          />
          <FormError error={create.error} text={tooMany ? t('edit.tooMany') : undefined} />
        </DialogBody>
        <DialogFoot>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={create.isPending}>
            {t('edit.create')}
          </Button>
        </DialogFoot>
      </Form>
    </ModalDialog>
  );
}
