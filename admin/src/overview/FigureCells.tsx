import type { Figures, Money } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { Skeleton } from '../ui/Skeleton';
import { RATES } from './CampaignsTable';
import { perMessage, rateOf } from './ranking';

interface FigureCellsProps {
  figures: Figures | undefined;
  /** Whether they are on their way. */
  pending: boolean;
  /** Whether distinct shoppers are known of them. */
  distinct?: boolean;
}

/** A row's figures: rates with what they count, value, and value of a delivered message. */
export function FigureCells({ figures, pending, distinct = true }: FigureCellsProps) {
  const { t, number, percent } = useFormat();
  const absent = pending ? <Skeleton width={48} /> : '–';
  return (
    <>
      <td role="cell" data-label={t('campaigns.sent')} className="end numeric">
        {figures ? number(figures.sent) : absent}
      </td>
      {RATES.map(({ key, label, count }) => {
        const known = figures && (key !== 'clickRate' || distinct);
        const rate = known ? rateOf[key](figures) : undefined;
        return (
          <td key={key} role="cell" data-label={t(label)} className="end numeric">
            {figures ? (rate === undefined ? '–' : percent(rate)) : absent}
            {known && <span className="under">{number(count(figures))}</span>}
            {known && key === 'conversionRate' && figures.conversions.total > 0 && (
              <span className="under credits">
                {t('campaigns.credits', {
                  assisted: number(figures.conversions.assisted),
                  clickThrough: number(figures.conversions.clickThrough),
                })}
              </span>
            )}
          </td>
        );
      })}
      <td role="cell" data-label={t('campaigns.value')} className="end numeric">
        {figures ? <Amounts amounts={figures.conversionValue} /> : absent}
      </td>
      <td role="cell" data-label={t('campaigns.perMessage')} className="end numeric">
        {figures ? <Amounts amounts={perMessage(figures)} /> : absent}
      </td>
    </>
  );
}

function Amounts({ amounts }: { amounts: readonly Money[] }) {
  const { money } = useFormat();
  if (amounts.length === 0) return '–';
  return amounts.map((amount) => (
    <span key={amount.currency} className="amount-line">
      {money(amount)}
    </span>
  ));
}
