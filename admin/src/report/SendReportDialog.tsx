import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useRequestReport } from '../api/changes';
import type { Campaign, NewReport, ReportFormat } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import type { DayRange } from '../period/days';
import { Button } from '../ui/Button';
import { isEmail } from '../ui/email';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { TextInput } from '../ui/TextInput';
import { FormatField } from './FormatField';
import { formatsFor } from './formats';
import { ReportProgress } from './ReportProgress';
import { useReportWatch } from './reportWatch';
import { useRecipientProblem } from './useRecipientProblem';

interface SendReportDialogProps {
  range: DayRange;
  campaign: Campaign | undefined;
  /** An address to start with, when a report is asked for again. */
  email: string | undefined;
  onClose: () => void;
}

/** Asks for the address and the format, then follows the report until it is mailed. */
export function SendReportDialog({ range, campaign, email: firstEmail = '', onClose }: SendReportDialogProps) {
  const { t, language, range: formatRange } = useFormat();
  const watch = useReportWatch();
  const send = useRequestReport();
  const [email, setEmail] = useState(firstEmail);
  const [format, setFormat] = useState<ReportFormat>(formatsFor(language)[0]);
  const [tried, setTried] = useState(false);
  const [underWay, setUnderWay] = useState<{ id: string; request: NewReport; done: boolean }>();

  const address = email.trim();
  const request = (): void => {
    if (send.isPending) return;
    const body = { email: address, ...range, format, ...(campaign ? { campaignId: campaign.campaignId } : {}) };
    send.mutate(
      { key: crypto.randomUUID(), body },
      { onSuccess: ({ id }) => setUnderWay({ id, request: body, done: false }) },
    );
  };
  const close = (): void => {
    if (underWay && !underWay.done) watch(underWay);
    onClose();
  };
  const refused = useRecipientProblem()(send.error);

  return (
    <ModalDialog title={t('report.send')} onClose={close}>
      {underWay ? (
        <ReportProgress
          key={underWay.id}
          id={underWay.id}
          email={underWay.request.email}
          onDone={() => setUnderWay({ ...underWay, done: true })}
          onAgain={request}
          onClose={close}
        />
      ) : (
        <Form
          validationBehavior="aria"
          className="dialog-form"
          onSubmit={(event) => {
            event.preventDefault();
            setTried(true);
            if (isEmail(address)) request();
          }}
        >
          <DialogBody>
            <p>{t('report.text')}</p>
            <dl className="facts">
              <dt>{t('report.range')}</dt>
              <dd>{formatRange(range)}</dd>
              <dt>{t('report.campaign')}</dt>
              <dd>{campaign?.name ?? t('report.allCampaigns')}</dd>
            </dl>
            <TextInput
              label={t('report.email')}
              type="email"
              autoComplete="email"
              autoFocus
              value={email}
              onChange={(value) => {
                setEmail(value);
                send.reset();
              }}
              error={tried && !isEmail(address) ? t('report.emailInvalid') : refused}
            />
            <FormatField value={format} onChange={setFormat} />
            {!refused && <FormError error={send.error} />}
          </DialogBody>
          <DialogFoot>
            <Button onPress={close}>{t('action.cancel')}</Button>
            <Button kind="primary" type="submit" isBusy={send.isPending}>
              {t('report.send')}
            </Button>
          </DialogFoot>
        </Form>
      )}
    </ModalDialog>
  );
}
