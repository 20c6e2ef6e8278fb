import type { Report } from '../api/types';

/** Whether something is still to happen to the report without anybody's doing. */
export const isUnderWay = (report: Report): boolean => report.status === 'requested' || report.status === 'running';
