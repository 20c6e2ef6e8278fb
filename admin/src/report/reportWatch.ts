import { createContext, use } from 'react';
import type { NewReport } from '../api/types';

/** A report that was asked for and is to be watched until it is mailed. */
export interface WatchedReport {
  id: string;
  request: NewReport;
}

export const ReportWatchContext = createContext<(report: WatchedReport) => void>(() => undefined);

/** Hands a report over to the page, which tells how it ended after its dialog was closed. */
export function useReportWatch(): (report: WatchedReport) => void {
  return use(ReportWatchContext);
}
