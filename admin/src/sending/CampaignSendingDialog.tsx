import { useState } from 'react';
import { CheckboxButton, CheckboxField } from 'react-aria-components/Checkbox';
import { useFreshCampaign } from '../api/changes';
import { isProblem } from '../api/problem';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { CheckIcon } from '../ui/icons';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { RadioField } from '../ui/RadioField';
import { TextInput } from '../ui/TextInput';
import { useToast } from '../ui/Toasts';
import { useSaveCampaignSending } from './api';
import { MinimumFields, minimumOf, type MinimumRow } from './MinimumFields';
import { useFieldText, useSendingProblem } from './problems';
import type { Campaign, CampaignSending } from './types';

const DELAY = { least: 20, most: 1_440 };
const MOST_RANK = 1_000;
const COUPON = /^[A-Za-z0-9]{1,15}$/;
const FIELDS = ['sending.delayMinutes', 'sending.minimum', 'sending.rank', 'sending.couponCode'];

const whole = (text: string, least: number, most: number): number | undefined => {
  const value = Number(text.trim());
  return text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
};

interface Draft {
  enabled: boolean;
  delay: string;
  trigger: CampaignSending['trigger'];
  minimum: MinimumRow[];
  rank: string;
  coupon: string;
}

const draftOf = ({ sending }: Campaign): Draft => ({
  enabled: sending?.enabled ?? false,
  delay: String(sending?.delayMinutes ?? 60),
  trigger: sending?.trigger ?? 'payment',
  minimum: (sending?.minimum ?? []).map((row, id) => ({ ...row, id })),
  rank: String(sending?.rank ?? 0),
  coupon: sending?.couponCode ?? '',
});

/** How the system sends a campaign. What somebody else changed meanwhile is read again, and nothing of theirs is lost. */
export function CampaignSendingDialog({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const { t } = useFormat();
  const toast = useToast();
  const save = useSaveCampaignSending();
  const fresh = useFreshCampaign();
  const fieldText = useFieldText();
  const problem = useSendingProblem();
  const [base, setBase] = useState(campaign);
  const [draft, setDraft] = useState(() => draftOf(campaign));
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));

  const delayMinutes = whole(draft.delay, DELAY.least, DELAY.most);
  const rank = whole(draft.rank, 0, MOST_RANK);
  const minimum = minimumOf(draft.minimum);
  const needsCoupon = base.messageType === 'coupon';
  const coupon = draft.coupon.trim();
  const couponRight = coupon === '' ? !(needsCoupon && draft.enabled) : COUPON.test(coupon);
  const submit = (): void => {
    setTried(true);
    if (delayMinutes === undefined || rank === undefined || !minimum || !couponRight || save.isPending) return;
    const { enabled, trigger } = draft;
    save
      .mutateAsync({ base, sending: { enabled, delayMinutes, trigger, minimum, rank, couponCode: coupon || null } })
      .then(
        ({ name }) => {
          toast({ kind: 'good', title: t('sending.campaignSaved', { name }) });
          onClose();
        },
        (error: unknown) => {
          // What is asked for stands in the fields; the next try asks it of the campaign as it is now.
          if (isProblem(error, 'precondition-failed')) fresh.mutate(base.campaignId, { onSuccess: setBase });
        },
      );
  };
  const setEnabled = (enabled: boolean): void => set({ enabled });
  return (
    <ModalDialog title={t('sending.editOf', { name: base.name })} onClose={onClose}>
      <FieldForm error={save.error} onSubmit={submit}>
        <DialogBody>
          <CheckboxField isSelected={draft.enabled} onChange={setEnabled} autoFocus>
            <CheckboxButton className="check">
              <span className="check-box" aria-hidden="true">
                {draft.enabled && <CheckIcon size={14} />}
              </span>
              <span>
                <span className="check-label">{t('sending.bySystem')}</span>
                <span className="muted small">{t('sending.bySystemText')}</span>
              </span>
            </CheckboxButton>
          </CheckboxField>
          <TextInput
            label={t('sending.delay')}
            hint={t('sending.delayHint')}
            value={draft.delay}
            onChange={(delay) => set({ delay })}
            error={
              tried && delayMinutes === undefined
                ? t('sending.delayInvalid')
                : fieldText(save.error, 'sending.delayMinutes')
            }
          />
          <RadioField
            label={t('sending.trigger')}
            choices={[
              { id: 'payment', label: t('sending.triggerPayment'), text: t('sending.triggerPaymentText') },
              { id: 'any', label: t('sending.triggerAny'), text: t('sending.triggerAnyText') },
            ]}
            value={draft.trigger}
            onChange={(trigger) => set({ trigger })}
          />
          <MinimumFields
            rows={draft.minimum}
            onChange={(rows) => set({ minimum: rows })}
            error={tried && !minimum ? t('sending.minimumInvalid') : fieldText(save.error, 'sending.minimum')}
          />
          <TextInput
            label={t('sending.rank')}
            hint={t('sending.rankHint')}
            value={draft.rank}
            onChange={(value) => set({ rank: value })}
            error={tried && rank === undefined ? t('sending.rankInvalid') : fieldText(save.error, 'sending.rank')}
          />
          {needsCoupon && (
            <TextInput
              label={t('sending.coupon')}
              hint={t('sending.couponHint')}
              value={draft.coupon}
              onChange={(value) => set({ coupon: value })}
              autoComplete="off"
              error={tried && !couponRight ? t('sending.couponInvalid') : fieldText(save.error, 'sending.couponCode')}
            />
          )}
          <FormError error={save.error} except={FIELDS} text={save.error ? problem(save.error) : undefined} />
        </DialogBody>
        <DialogFoot>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={save.isPending || fresh.isPending}>
            {t('settings.save')}
          </Button>
        </DialogFoot>
      </FieldForm>
    </ModalDialog>
  );
}
