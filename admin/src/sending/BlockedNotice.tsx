import { useAccount } from '../api/queries';
import { LaterTexts } from '../i18n/LaterTexts';
import { useFormat } from '../i18n/useFormat';
import { AlertIcon } from '../ui/icons';
import type { Connection } from './types';

/** That Meta takes nothing from the store at present, and what the store can do about it. */
export default function BlockedNotice({ blocked }: { blocked: NonNullable<Connection['blocked']> }) {
  return (
    <LaterTexts parts={['sending']}>
      <Notice blocked={blocked} />
    </LaterTexts>
  );
}

function Notice({ blocked }: { blocked: NonNullable<Connection['blocked']> }) {
  const { t, instant } = useFormat();
  const { data: account } = useAccount();
  return (
    <div className="notice warn" role="alert">
      <AlertIcon />
      <div>
        <p className="notice-title">{t('sending.blocked')}</p>
        <p>{t(`sending.cure.${blocked.cure}`)}</p>
        <p className="muted small">
          {t('sending.blockedSince', {
            at: instant(blocked.since, account?.timeZone ?? 'UTC'),
            code: String(blocked.code),
          })}
        </p>
      </div>
    </div>
  );
}
