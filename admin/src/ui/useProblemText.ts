import { ApiProblem } from '../api/problem';
import { useFormat, type MessageId } from '../i18n/useFormat';

const byCode: Record<string, MessageId> = {
  network: 'error.network',
  'range-too-old': 'error.rangeTooOld',
  'insufficient-scope': 'error.forbidden',
  'invalid-account': 'session.noAccess',
  'campaign-not-found': 'error.noCampaign',
  'time-zone-fixed': 'error.timeZoneFixed',
  'phone-number-taken': 'setup.phoneTaken',
  'phone-number-claimed': 'setup.phoneClaimed',
  'too-many-secrets': 'settings.secretMany',
  'vtex-keys-refused': 'settings.vtexRefused',
  'hook-refused': 'settings.vtexHookRefused',
  'hook-taken': 'settings.vtexTaken',
  'recipient-unsubscribed': 'report.unsubscribed',
};

const byStatus: Record<number, MessageId> = {
  401: 'session.expired',
  403: 'error.forbidden',
  404: 'error.notFound',
  429: 'error.tooMany',
};

/** What the fields that the API can refuse are called on the page. */
const fields: Record<string, MessageId> = {
  name: 'edit.name',
  language: 'campaigns.language',
  messageType: 'campaigns.messageType',
  email: 'report.email',
  timeZone: 'setup.timeZone',
  storeUrl: 'setup.storeUrl',
  phoneNumberIds: 'setup.phoneNumberIds',
  reportDomains: 'setup.reportDomains',
  appKey: 'settings.vtexKey',
  appToken: 'settings.vtexToken',
};

/** What is wrong with a field that the API refused, where more can be said than that it is wrong. */
const byField: Record<string, MessageId> = {
  name: 'edit.nameInvalid',
  email: 'report.emailInvalid',
  timeZone: 'setup.timeZoneInvalid',
  countryCode: 'setup.countryCodeInvalid',
  storeUrl: 'setup.storeUrlInvalid',
  phoneNumberIds: 'setup.phoneInvalid',
  reportDomains: 'settings.domainsInvalid',
  phone: 'erase.phoneInvalid',
  userId: 'erase.userIdInvalid',
};

/** The field at fault, without the place in it: `phoneNumberIds[2]` is `phoneNumberIds`. */
export const fieldOf = (error: unknown): string | undefined =>
  error instanceof ApiProblem ? error.field?.split(/[.[]/)[0] : undefined;

function messageOf(error: unknown): { id: MessageId; field?: MessageId } {
  if (!(error instanceof ApiProblem)) return { id: 'error.generic' };
  const known = byCode[error.code] ?? byStatus[error.status];
  if (known) return { id: known };
  const field = fields[fieldOf(error) ?? ''];
  // The API's own words are for developers, and in English.
  if (error.status === 422 || error.status === 400)
    return field ? { id: 'error.field', field } : { id: 'error.invalid' };
  return { id: 'error.generic' };
}

/** What a failure is called in the user's language. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useFormat();
  return (error) => {
    const { id, field } = messageOf(error);
    return field ? t(id, { field: t(field) }) : t(id);
  };
}

/** What to say below a field that the API refused; nothing when it refused another or none. */
export function useFieldProblem(): (error: unknown, field: string) => string | undefined {
  const { t } = useFormat();
  return (error, field) => {
    if (!(error instanceof ApiProblem) || fieldOf(error) !== field) return undefined;
    const id = byCode[error.code] ?? byField[field];
    return id && t(id);
  };
}
