import type { Report } from '../api/types';
import type { MessageId } from '../i18n/useFormat';

export interface Outcome {
  good: boolean;
  /** Whether the same can be asked for once more, or only something else: other days, another address. */
  again: 'same' | 'changed' | 'none';
  title: MessageId;
  text: MessageId;
}

const failures: Partial<Record<NonNullable<Report['failure']>, MessageId>> = {
  'recipient-unsubscribed': 'report.unsubscribed',
  'recipient-not-confirmed': 'report.recipient-not-confirmed',
  'recipient-not-asked': 'report.recipient-not-asked',
  'too-large': 'report.too-large',
};

/** What is said of a report that isn't under way. */
export function outcomes(report: Report): Outcome {
  switch (report.status) {
    case 'mailed':
      return { good: true, again: 'none', title: 'report.mailed', text: 'report.mailedText' };
    case 'waiting-for-recipient':
      return { good: true, again: 'none', title: 'report.asked', text: 'report.askedText' };
    case 'bounced':
      return { good: false, again: 'changed', title: 'report.returned', text: 'report.bouncedText' };
    case 'complained':
      return { good: false, again: 'changed', title: 'report.returned', text: 'report.complainedText' };
    default:
      return {
        good: false,
        again: report.failure && report.failure in failures ? 'changed' : 'same',
        title: 'report.failed',
        text: (report.failure && failures[report.failure]) ?? 'report.failedText',
      };
  }
}
