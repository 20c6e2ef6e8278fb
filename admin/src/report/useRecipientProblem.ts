import { isProblem } from '../api/problem';
import { useFormat, type MessageId } from '../i18n/useFormat';

const byCode: Record<string, MessageId> = {
  'recipient-not-allowed': 'report.domainRefused',
  'recipient-unsubscribed': 'report.unsubscribed',
};

/** What is wrong with the address that reports are to go to; nothing where the error isn't about it. */
export function useRecipientProblem(): (error: unknown) => string | undefined {
  const { t } = useFormat();
  return (error) =>
    isProblem(error) && error.status === 422 && error.field === 'email'
      ? t(byCode[error.code] ?? 'report.emailInvalid')
      : undefined;
}
