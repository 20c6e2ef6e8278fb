import type { Report } from '../api/types';
import type { MessageId } from '../i18n/useFormat';

export interface Outcome {
  good: boolean;
  title: MessageId;
  text: MessageId;
}

const failures: Partial<Record<NonNullable<Report['failure']>, MessageId>> = {
  'recipient-unsubscribed': 'report.unsubscribed',
  'recipient-not-confirmed': 'report.recipient-not-confirmed',
  'recipient-not-asked': 'report.recipient-not-asked',
};

/** Whether something is still to happen to the report without anybody's doing. */
export const isUnderWay = (report: Report): boolean => report.status === 'requested' || report.status === 'running';

/** What is said of a report that isn't under way. */
export function outcomes(report: Report): Outcome {
  switch (report.status) {
    case 'mailed':
      return { good: true, title: 'report.mailed', text: 'report.mailedText' };
    case 'waiting-for-recipient':
      return { good: true, title: 'report.asked', text: 'report.askedText' };
    case 'bounced':
      return { good: false, title: 'report.returned', text: 'report.bouncedText' };
    case 'complained':
      return { good: false, title: 'report.returned', text: 'report.complainedText' };
    default:
      return {
        good: false,
        title: 'report.failed',
        text: (report.failure && failures[report.failure]) ?? 'report.failedText',
      };
  }
}
