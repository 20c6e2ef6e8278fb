import type { PurchaseTotals } from '../api/types';
import { CampaignFilter } from '../campaigns/CampaignFilter';
import { useFormat } from '../i18n/useFormat';
import { goTo, KINDS, type CreditKind } from '../period/urlState';

interface PurchaseFiltersProps {
  campaignId: string | undefined;
  kind: CreditKind | undefined;
  currency: string | undefined;
  /** Of all currencies. */
  totals: PurchaseTotals | undefined;
}

/** The value of a browser's list that stands for no choice. */
const ALL = '';

/** Narrows the purchases; each choice is part of the address. */
export function PurchaseFilters({ campaignId, kind, currency, totals }: PurchaseFiltersProps) {
  const { t } = useFormat();
  const currencies = [
    ...new Set([...(totals?.value.map((sum) => sum.currency) ?? []), ...(currency ? [currency] : [])]),
  ];
  return (
    <>
      <select
        className="input filter"
        aria-label={t('purchases.kind')}
        value={kind ?? ALL}
        onChange={({ target }) => goTo({ kind: KINDS.find((each) => each === target.value) })}
      >
        <option value={ALL}>{t('purchases.allKinds')}</option>
        {KINDS.map((each) => (
          <option key={each} value={each}>
            {t(`purchases.${each}`)}
          </option>
        ))}
      </select>
      <CampaignFilter campaignId={campaignId} />
      {(currencies.length > 1 || currency) && (
        <select
          className="input filter"
          aria-label={t('purchases.currency')}
          value={currency ?? ALL}
          onChange={({ target }) => goTo({ currency: target.value || undefined })}
        >
          <option value={ALL}>{t('purchases.allCurrencies')}</option>
          {currencies.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      )}
    </>
  );
}
