import { useAccount } from '../api/queries';
import { useFormat } from '../i18n/useFormat';

/** Writes date and time of an instant in the store's time zone. */
export function useWhen(): (at: string) => string {
  const { instant } = useFormat();
  const { data } = useAccount();
  return (at) => instant(at, data?.timeZone ?? 'UTC');
}
