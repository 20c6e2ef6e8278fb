import { useReports, useSchedules } from '../api/queries';

/** Addresses that reports of the store went to of late, or go to by schedule: those asked for last come first. */
export function useKnownRecipients(): string[] {
  const reports = useReports();
  const schedules = useSchedules();
  const known = [...(reports.data?.pages[0]?.items ?? []), ...(schedules.data ?? [])];
  return [...new Set(known.map(({ email }) => email))];
}
