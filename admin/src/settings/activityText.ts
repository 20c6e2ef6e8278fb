import type { Activity } from '../api/types';
import type { Format, MessageId } from '../i18n/useFormat';

/** What the page has words for; what is newer than the page is told as another change. */
export const DEEDS = [
  'account-created',
  'settings-changed',
  'signing-secret-made',
  'vtex-connected',
  'vtex-renewed',
  'whatsapp-connected',
  'whatsapp-disconnected',
  'sending-changed',
  'template-made',
  'opt-out-added',
  'opt-out-removed',
  'campaign-created',
  'campaign-edited',
  'campaign-paused',
  'campaign-resumed',
  'report-requested',
  'schedule-added',
  'schedule-edited',
  'schedule-paused',
  'schedule-resumed',
  'schedule-deleted',
  'erasure-requested',
  'aside-replayed',
] as const satisfies readonly Activity['deed'][];

/** The fields that a change can name. */
export const FIELDS = [
  'timeZone',
  'countryCode',
  'language',
  'phoneNumberIds',
  'storeUrl',
  'reportDomains',
  'messagePrices',
  'enabled',
  'hours',
  'cooldownHours',
  'consent',
  'name',
  'messageType',
  'sending',
  'email',
  'frequency',
  'campaignId',
  'format',
] as const;

const isField = (field: string): field is (typeof FIELDS)[number] => FIELDS.some((each) => each === field);

/** What somebody did, in one line. */
export function activityText(
  { t, language, range }: Pick<Format, 't' | 'language' | 'range'>,
  entry: Activity,
): string {
  const { deed, fields = [], frequency, from, to } = entry;
  const id: MessageId = DEEDS.some((each) => each === deed) ? `activity.${deed}` : 'activity.other';
  const named = fields.filter(isField).map((field) => t(`activity.field.${field}`));
  return t(id, {
    name: entry.campaignName ?? '',
    fields: new Intl.ListFormat(language, { type: 'conjunction' }).format(named),
    frequency: frequency ? t(`activity.frequency.${frequency}`) : '',
    range: from && to ? range({ from, to }) : '',
    template: [
      entry.language && t(`language.${entry.language}`),
      entry.messageType && t(`messageType.${entry.messageType}`),
    ]
      .filter(Boolean)
      .join(' · '),
  });
}
