import { useState } from 'react';
import { useEraseShopper } from '../api/changes';
import { isProblem } from '../api/problem';
import { useErasure } from '../api/queries';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { CheckIcon } from '../ui/icons';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { PanelError } from '../ui/PanelError';
import { RadioField } from '../ui/RadioField';
import { Spinner } from '../ui/Spinner';
import { TextInput } from '../ui/TextInput';
import { useFieldProblem } from '../ui/useProblemText';

const WAYS = ['userId', 'phone'] as const;
type Way = (typeof WAYS)[number];

/** Asks whom to erase, says what that means, and follows it to its end. */
export function EraseDialog({ onClose }: { onClose: () => void }) {
  const { t } = useFormat();
  const erase = useEraseShopper();
  const fieldProblem = useFieldProblem();
  const [way, setWay] = useState<Way>('userId');
  const [value, setValue] = useState('');
  const [tried, setTried] = useState(false);
  // What more than a thousand facts name is hardly a shopper's own: it is asked once more.
  const isShared = isProblem(erase.error, 'shared-identity');
  const named = value.trim();
  const submit = (): void => {
    setTried(true);
    if (!named || erase.isPending) return;
    erase.mutate({ [way]: named, ...(isShared ? { force: true } : {}) });
  };
  const change = (set: () => void): void => {
    set();
    erase.reset();
  };
  return (
    <ModalDialog alert title={t('erase.action')} onClose={onClose}>
      {erase.data ? (
        <Progress id={erase.data.id} onClose={onClose} />
      ) : (
        <FieldForm error={erase.error} onSubmit={submit}>
          <DialogBody>
            <p>{t('erase.means')}</p>
            <p className="muted">{t('erase.stays')}</p>
            <RadioField
              label={t('erase.way')}
              choices={WAYS.map((id) => ({ id, label: t(`erase.${id}`) }))}
              value={way}
              onChange={(chosen) => change(() => setWay(chosen))}
            />
            <TextInput
              label={t(`erase.${way}`)}
              autoFocus
              value={value}
              onChange={(text) => change(() => setValue(text))}
              error={
                tried && !named ? t('settings.vtexMissing') : isShared ? undefined : fieldProblem(erase.error, way)
              }
            />
            <FormError
              error={erase.error}
              text={isShared ? t('erase.shared') : undefined}
              except={isShared ? [] : [way]}
            />
          </DialogBody>
          <DialogFoot>
            <Button onPress={onClose}>{t('action.cancel')}</Button>
            <Button kind="danger" type="submit" isBusy={erase.isPending}>
              {t(isShared ? 'erase.force' : 'erase.confirm')}
            </Button>
          </DialogFoot>
        </FieldForm>
      )}
    </ModalDialog>
  );
}

/** How far the erasure is: what was found, what is done, and what was left since others share it. */
function Progress({ id, onClose }: { id: string; onClose: () => void }) {
  const { t, number } = useFormat();
  const erasure = useErasure(id);
  const { data } = erasure;
  const done = data?.status === 'done';
  return (
    <>
      <DialogBody>
        {erasure.isError && !data ? (
          <PanelError level={2} error={erasure.error} onRetry={() => void erasure.refetch()} />
        ) : (
          <div className="progress" role="status">
            {done ? <CheckIcon size={28} /> : <Spinner />}
            <p className="progress-title">{t(done ? 'erase.done' : 'erase.running')}</p>
            {data && (
              <p className="muted">
                {t('erase.facts', {
                  done: number(data.done.reminders + data.done.orders),
                  found: number(data.found.reminders + data.found.orders),
                })}{' '}
                {data.done.reports > 0 && t('erase.reports', { count: data.done.reports })}{' '}
                {data.leftBecauseShared > 0 && t('erase.left', { count: data.leftBecauseShared })}
              </p>
            )}
            {!done && <p className="muted">{t('erase.background')}</p>}
          </div>
        )}
      </DialogBody>
      <DialogFoot>
        <Button onPress={onClose} autoFocus>
          {t('action.close')}
        </Button>
      </DialogFoot>
    </>
  );
}
