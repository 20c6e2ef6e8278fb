import { isProblem } from '../api/problem';
import { useFormat } from '../i18n/useFormat';

/** What is wrong with the address that reports are to go to; nothing where the error isn't about it. */
export function useRecipientProblem(): (error: unknown) => string | undefined {
  const { t } = useFormat();
  return (error) =>
    isProblem(error) && error.status === 422 && error.field === 'email'
      ? t(error.code === 'recipient-unsubscribed' ? 'report.unsubscribed' : 'report.emailInvalid')
      : undefined;
}
