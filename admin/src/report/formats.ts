import type { ReportFormat } from '../api/types';
import type { Locale } from '../i18n/locale';

/**
 * The formats in the order in which they are offered; the first is chosen until somebody chooses. Where a comma
 * stands in amounts a CSV opens in pieces: there the workbook comes first.
 */
export function formatsFor(language: Locale): [ReportFormat, ...ReportFormat[]] {
  return language === 'en-US' ? ['csv', 'xlsx'] : ['xlsx', 'csv'];
}
