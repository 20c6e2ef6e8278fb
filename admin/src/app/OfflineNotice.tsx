import { onlineManager } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useFormat } from '../i18n/useFormat';
import { AlertIcon } from '../ui/icons';

export function OfflineNotice() {
  const { t } = useFormat();
  const online = useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
  );
  return (
    <div role="status">
      {!online && (
        <div className="notice warn">
          <AlertIcon />
          <div>
            <p className="notice-title">{t('offline.title')}</p>
            <p>{t('offline.text')}</p>
          </div>
        </div>
      )}
    </div>
  );
}
