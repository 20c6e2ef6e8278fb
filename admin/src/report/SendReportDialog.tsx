import { useState } from 'react';
import { useRequestReport } from '../api/changes';
import { useAccount } from '../api/queries';
import type { NewReport, ReportFormat } from '../api/types';
import { browserZone } from '../app/browserZone';
import { useToday } from '../app/useToday';
import { useUrlState } from '../app/useUrlState';
import { useFormat } from '../i18n/useFormat';
import { resolveRange, type RangeChoice } from '../period/urlState';
import { Button } from '../ui/Button';
import { CampaignField } from '../ui/CampaignField';
import { isEmail } from '../ui/email';
import { EmailField } from '../ui/EmailField';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { DaysField, isRange } from './DaysField';
import { FormatField } from './FormatField';
import { formatsFor } from './formats';
import { ReportProgress } from './ReportProgress';
import { useReportWatch } from './reportWatch';
import { useKnownRecipients } from './useKnownRecipients';

interface SendReportDialogProps {
  /** The campaign to start with; all of them without one. */
  campaignId: string | undefined;
  /** What was asked for before, to start with. */
  again?: NewReport;
  onClose: () => void;
}

/** Asks whom a report goes to and what of, then follows it until it is mailed. It starts with the days that the page shows. */
export function SendReportDialog({ campaignId: firstCampaign, again, onClose }: SendReportDialogProps) {
  const { t, language } = useFormat();
  const { data: account } = useAccount();
  const today = useToday(account?.timeZone ?? browserZone());
  const shown = useUrlState().range;
  const watch = useReportWatch();
  const send = useRequestReport();
  const known = useKnownRecipients();
  const [email, setEmail] = useState(again?.email ?? '');
  const [days, setDays] = useState<RangeChoice>(() =>
    again ? { from: again.from, to: again.to } : typeof shown === 'string' ? shown : resolveRange(shown, today),
  );
  const [campaignId, setCampaignId] = useState(firstCampaign);
  const [format, setFormat] = useState<ReportFormat>(again?.format ?? formatsFor(language)[0]);
  const [tried, setTried] = useState(false);
  const [underWay, setUnderWay] = useState<{ id: string; request: NewReport; done: boolean }>();

  const address = email.trim();
  const range = typeof days === 'string' ? resolveRange(days, today) : days;
  const valid = isEmail(address) && isRange(range, today);
  const request = (): void => {
    if (send.isPending) return;
    const body = { email: address, ...range, format, ...(campaignId ? { campaignId } : {}) };
    send.mutate(
      { key: crypto.randomUUID(), body },
      { onSuccess: ({ id }) => setUnderWay({ id, request: body, done: false }) },
    );
  };
  const close = (): void => {
    if (underWay && !underWay.done) watch(underWay);
    onClose();
  };
  const submit = (): void => {
    setTried(true);
    if (valid) request();
  };

  return (
    <ModalDialog title={t('report.send')} onClose={close}>
      {underWay ? (
        <ReportProgress
          key={underWay.id}
          id={underWay.id}
          email={underWay.request.email}
          onDone={() => setUnderWay({ ...underWay, done: true })}
          onAgain={request}
          onChange={() => setUnderWay(undefined)}
          isBusy={send.isPending}
          error={send.error}
          onClose={close}
        />
      ) : (
        <FieldForm error={send.error} onSubmit={submit}>
          <DialogBody>
            <p>{t('report.text')}</p>
            <EmailField
              label={t('report.email')}
              autoFocus
              value={email}
              suggestions={known}
              onChange={(value) => {
                setEmail(value);
                send.reset();
              }}
              tried={tried}
              error={send.error}
            />
            <DaysField
              value={days}
              today={today}
              onChange={setDays}
              error={tried && !isRange(range, today) ? t('report.rangeInvalid') : undefined}
            />
            <CampaignField value={campaignId} onChange={setCampaignId} />
            <FormatField value={format} onChange={setFormat} />
            <FormError error={send.error} except={['email']} />
          </DialogBody>
          <DialogFoot>
            <Button onPress={close}>{t('action.cancel')}</Button>
            <Button kind="primary" type="submit" isBusy={send.isPending}>
              {t('report.send')}
            </Button>
          </DialogFoot>
        </FieldForm>
      )}
    </ModalDialog>
  );
}
