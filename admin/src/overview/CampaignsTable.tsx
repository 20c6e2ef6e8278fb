import { memo } from 'react';
import { Button } from 'react-aria-components/Button';
import type { Figures } from '../api/types';
import { useFormat, type MessageId } from '../i18n/useFormat';
import { SortIcon } from '../ui/icons';
import { CampaignRow } from './CampaignRow';
import { FigureCells } from './FigureCells';
import type { RankKey, Ranked, Ranking, RateKey } from './ranking';
import { useMediaQuery } from '../ui/useMediaQuery';

interface CampaignsTableProps {
  campaigns: readonly Ranked[];
  /** The figures of all shown campaigns together; undefined while they are unknown. */
  total: Figures | undefined;
  /** How many campaigns those are, and whether distinct shoppers are known of them. */
  totalOf: { campaigns: number; all: boolean };
  /** Whether the figures are on their way. */
  pending: boolean;
  timeZone: string;
  selectedId: string | undefined;
  ranking: Ranking;
  /** The currency that a press on a column of money ranks by. */
  currency: string | undefined;
  onRank: (ranking: Ranking) => void;
}

/** The columns of rates, and what each counts. */
export const RATES: readonly { key: RateKey; label: MessageId; count: (figures: Figures) => number }[] = [
  { key: 'deliveryRate', label: 'campaigns.deliveryRate', count: (f) => f.delivered },
  { key: 'readRate', label: 'campaigns.readRate', count: (f) => f.read },
  { key: 'clickRate', label: 'campaigns.clickRate', count: (f) => f.uniqueClicks },
  { key: 'conversionRate', label: 'campaigns.conversionRate', count: (f) => f.conversions.total },
];

/**
 * A plain table, not an interactive grid: each row has two things to press, which Tab reaches and to which the
 * focus comes back. The roles say again what it is, since rows that are stacked on a narrow screen are no table
 * to every browser.
 */
export const CampaignsTable = memo(function CampaignsTable(props: CampaignsTableProps) {
  const { campaigns, total, totalOf, pending, timeZone, selectedId, ranking, currency, onRank } = props;
  const { t, number } = useFormat();
  // On a narrow screen the heads aren't seen: the list above the cards ranks there.
  const head = { ranking, onRank, isSeen: !useMediaQuery('(max-width: 959px)') };
  return (
    <div className="table-scroll">
      <table role="table" className="table stacking campaigns-table" aria-labelledby="campaigns-title">
        <thead role="rowgroup">
          <tr role="row">
            <RankHead {...head} label="campaigns.name" by="name" />
            <th role="columnheader" scope="col">
              {t('campaigns.status')}
            </th>
            <RankHead {...head} label="campaigns.sent" by="sent" end />
            {RATES.map(({ key, label }) => (
              <RankHead key={key} {...head} label={label} by={key} end />
            ))}
            <RankHead {...head} label="campaigns.value" by={currency ? `value:${currency}` : undefined} end />
            <RankHead {...head} label="campaigns.perMessage" by={currency ? `perMessage:${currency}` : undefined} end />
            <th role="columnheader" scope="col">
              <span className="visually-hidden">{t('campaigns.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {totalOf.campaigns > 1 && (
            <tr role="row" className="total-row">
              <th role="rowheader" scope="row">
                {t('campaigns.total', { count: totalOf.campaigns, number: number(totalOf.campaigns) })}
              </th>
              <td role="cell" className="no-cell" />
              <FigureCells figures={total} pending={pending} distinct={totalOf.all} />
              <td role="cell" className="no-cell" />
            </tr>
          )}
          {campaigns.map(({ campaign, own }) => (
            <CampaignRow
              key={campaign.campaignId}
              campaign={campaign}
              own={own}
              pending={pending}
              timeZone={timeZone}
              selected={campaign.campaignId === selectedId}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
});

interface RankHeadProps {
  label: MessageId;
  /** What a press ranks by; nothing where there is nothing to rank by. */
  by: RankKey | undefined;
  ranking: Ranking;
  onRank: (ranking: Ranking) => void;
  isSeen: boolean;
  end?: boolean;
}

/** A column's head, which ranks by it: the best first, then the other way round. */
function RankHead({ label, by, ranking, onRank, isSeen, end = false }: RankHeadProps) {
  const { t } = useFormat();
  const isChosen = by === ranking.key;
  // Names read from A to Z first, figures from the greatest.
  const descending = isChosen ? !ranking.descending : by !== 'name';
  return (
    <th
      role="columnheader"
      scope="col"
      className={end ? 'end' : undefined}
      aria-sort={isChosen ? (ranking.descending ? 'descending' : 'ascending') : undefined}
    >
      {by && isSeen ? (
        <Button className="rank-button" onPress={() => onRank({ key: by, descending })}>
          {t(label)}
          <SortIcon direction={isChosen ? (ranking.descending ? 'down' : 'up') : undefined} />
        </Button>
      ) : (
        t(label)
      )}
    </th>
  );
}
