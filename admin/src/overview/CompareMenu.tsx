import type { Earlier } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { COMPARISONS, goTo, usualComparison, type ComparisonChoice, type RangeChoice } from '../period/urlState';
import { HelpBubble } from '../ui/HelpBubble';
import { UnripeMark } from './UnripeMark';

interface CompareMenuProps {
  choice: RangeChoice;
  compare: ComparisonChoice;
  /** The earlier days, once they are known. */
  earlier: Earlier | undefined;
}

/** What the figures are compared with, and what of it isn't as of the same age. */
export function CompareMenu({ choice, compare, earlier }: CompareMenuProps) {
  const { t, range } = useFormat();
  return (
    <span className="note compare">
      <label>
        <span className="muted small">{t('compare.label')}</span>
        {/* The browser's own list: light, and what a phone's owner is used to. */}
        <select
          className="input"
          value={compare}
          onChange={(event) => {
            const chosen = event.target.value as ComparisonChoice;
            goTo({ compare: chosen === usualComparison(choice) ? undefined : chosen });
          }}
        >
          {COMPARISONS.map((each) => (
            <option key={each} value={each}>
              {t(`compare.${each}`)}
            </option>
          ))}
        </select>
      </label>
      {earlier && (
        <span className="muted small">
          {range(earlier)}
          {earlier.totals.sent === 0 && ` · ${t('compare.nothing')}`}
        </span>
      )}
      {earlier && earlier.unripe.length > 0 && earlier.totals.sent > 0 && (
        <span className="note muted small">
          <UnripeMark />
          <span aria-hidden="true">{t('compare.unripe')}</span>
          <HelpBubble label={t('compare.helpLabel')} text={t('compare.help')} />
        </span>
      )}
    </span>
  );
}
