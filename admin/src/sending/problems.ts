import { ApiProblem } from '../api/problem';
import { useFormat, type MessageId } from '../i18n/useFormat';
import { useProblemText } from '../ui/useProblemText';

const byCode: Record<string, MessageId> = {
  'whatsapp-token-refused': 'sending.problem.token',
  'whatsapp-account-unknown': 'sending.problem.account',
  'phone-number-unknown': 'sending.problem.number',
  'too-many-phone-numbers': 'sending.problem.numbers',
  'whatsapp-refused': 'sending.problem.refused',
  'whatsapp-not-connected': 'sending.problem.notConnected',
  'account-blocked': 'sending.problem.blocked',
  'template-not-approved': 'sending.problem.template',
  'coupon-missing': 'sending.problem.coupon',
  'opted-out': 'sending.problem.optedOut',
  'sender-missing': 'sending.problem.sender',
  'store-url-pending': 'sending.problem.storeUrl',
  'message-refused': 'sending.problem.message',
  'too-many-tests': 'sending.problem.tests',
  'precondition-failed': 'sending.problem.stale',
};

/** What is wrong with a field that the API refused. */
const byField: Record<string, MessageId> = {
  wabaId: 'sending.wabaInvalid',
  phoneNumberId: 'sending.numberInvalid',
  token: 'sending.tokenInvalid',
  phone: 'sending.phoneInvalid',
  consent: 'sending.consentMissing',
  cooldownHours: 'sending.cooldownInvalid',
  hours: 'sending.hoursInvalid',
  'sending.couponCode': 'sending.couponInvalid',
  'sending.minimum': 'sending.minimumInvalid',
  'sending.delayMinutes': 'sending.delayInvalid',
  'sending.rank': 'sending.rankInvalid',
};

/** The field without the place in it: `sending.minimum[0].amount` is `sending.minimum`, `hours.mon` is `hours`. */
function fieldOf(error: ApiProblem): string {
  const [first = '', second = ''] = (error.field ?? '').split(/[.[]/);
  return first === 'sending' ? `${first}.${second}` : first;
}

/** What is wrong with `field`, as the API said it; nothing where it said something else. */
export function useFieldText(): (error: Error | null, field: string) => string | undefined {
  const { t } = useFormat();
  return (error, field) => {
    if (!(error instanceof ApiProblem) || fieldOf(error) !== field) return undefined;
    const id = byCode[error.code] ?? byField[field];
    return id && t(id);
  };
}

/** What a failure of these forms is called. */
export function useSendingProblem(): (error: Error) => string {
  const { t } = useFormat();
  const problemText = useProblemText();
  return (error) => {
    const id = error instanceof ApiProblem ? (byCode[error.code] ?? byField[fieldOf(error)]) : undefined;
    return id ? t(id) : problemText(error);
  };
}
