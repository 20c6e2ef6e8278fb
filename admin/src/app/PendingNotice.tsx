import type { Account } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { AlertIcon } from '../ui/icons';

/** What of the store's settings waits for an operator's confirmation, and what that means until then. */
export function PendingNotice({ pending }: { pending: Account['pending'] | undefined }) {
  const { t } = useFormat();
  const numbers = pending?.phoneNumberIds ?? [];
  const storeUrl = pending?.storeUrl;
  return (
    <div role="status">
      {(numbers.length > 0 || storeUrl) && (
        <div className="notice warn">
          <AlertIcon />
          <div>
            <p className="notice-title">{t('pending.title')}</p>
            {numbers.length > 0 && <p>{t('pending.phoneNumbers', { numbers: numbers.join(', ') })}</p>}
            {storeUrl && <p>{t('pending.storeUrl', { storeUrl })}</p>}
          </div>
        </div>
      )}
    </div>
  );
}
