import { ApiProblem } from '../api/problem';
import { useFormat, type MessageId } from '../i18n/useFormat';

const byCode: Record<string, MessageId> = {
  network: 'error.network',
  'range-too-old': 'error.rangeTooOld',
  'insufficient-scope': 'error.forbidden',
  'invalid-account': 'session.noAccess',
  'recipient-unsubscribed': 'report.unsubscribed',
};

const byStatus: Record<number, MessageId> = { 401: 'session.expired', 403: 'error.forbidden', 429: 'error.tooMany' };

/** What a failure is called in the user's language. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useFormat();
  return (error) => {
    if (!(error instanceof ApiProblem)) return t('error.generic');
    const id = byCode[error.code] ?? byStatus[error.status];
    if (id) return t(id);
    if (error.status === 422 && error.detail) return t('error.invalid', { detail: error.detail });
    return t('error.generic');
  };
}
