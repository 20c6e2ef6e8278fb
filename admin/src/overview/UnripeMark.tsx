import { useFormat } from '../i18n/useFormat';

/** A clock: the earlier days beside have had more time than those shown. */
export function UnripeMark() {
  const { t } = useFormat();
  return (
    <span className="unripe-mark">
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <circle cx="6" cy="6" r="4.75" />
        <path d="M6 3.25V6l2 1.25" />
      </svg>
      <span className="visually-hidden">{t('compare.unripe')}</span>
    </span>
  );
}
