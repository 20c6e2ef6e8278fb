import { Button as AriaButton } from 'react-aria-components/Button';
import { useFormat, type MessageId } from '../i18n/useFormat';
import { SearchIcon, SortIcon } from '../ui/icons';
import { COUNT_KEYS, RATE_KEYS, type RankKey, type Ranking } from './ranking';

export const FILTERS = ['all', 'active', 'paused'] as const;
export type Filter = (typeof FILTERS)[number];

interface CampaignsToolsProps {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  search: string;
  onSearch: (search: string) => void;
  ranking: Ranking;
  onRank: (ranking: Ranking) => void;
  currencies: readonly string[];
}

/** What finds and ranks campaigns: a search, the status, and whatever the table can be ordered by. */
export function CampaignsTools(props: CampaignsToolsProps) {
  const { filter, onFilter, search, onSearch, ranking, onRank, currencies } = props;
  const { t } = useFormat();
  return (
    <div className="table-tools">
      <label className="search">
        <SearchIcon size={16} />
        <span className="visually-hidden">{t('campaigns.search')}</span>
        <input
          type="search"
          className="input"
          placeholder={t('campaigns.search')}
          value={search}
          onChange={(event) => onSearch(event.target.value)}
        />
      </label>
      <div className="segments" role="group" aria-label={t('campaigns.filter')}>
        {FILTERS.map((each) => (
          <AriaButton key={each} className="segment" aria-pressed={filter === each} onPress={() => onFilter(each)}>
            {t(`campaigns.${each}`)}
          </AriaButton>
        ))}
      </div>
      <div className="rank">
        {/* The browser's own list: light, and what a phone's owner is used to. */}
        <select
          className="input"
          aria-label={t('campaigns.rankBy')}
          value={ranking.key}
          onChange={(event) => {
            const key = event.target.value as RankKey;
            onRank({ key, descending: key !== 'name' });
          }}
        >
          <RankOptions currencies={currencies} />
        </select>
        <AriaButton
          className="icon-button"
          aria-label={t(ranking.descending ? 'campaigns.descending' : 'campaigns.ascending')}
          onPress={() => onRank({ ...ranking, descending: !ranking.descending })}
        >
          <SortIcon direction={ranking.descending ? 'down' : 'up'} size={16} />
        </AriaButton>
      </div>
    </div>
  );
}

const COUNT_LABELS: Record<(typeof COUNT_KEYS)[number], MessageId> = {
  sent: 'campaigns.sent',
  delivered: 'campaigns.delivered',
  read: 'campaigns.read',
  uniqueClicks: 'campaigns.clicks',
  conversions: 'campaigns.conversions',
  assisted: 'figure.assisted',
  clickThrough: 'figure.clickThrough',
};

function RankOptions({ currencies }: { currencies: readonly string[] }) {
  const { t } = useFormat();
  return (
    <>
      {currencies.flatMap((currency) => [
        <option key={`value:${currency}`} value={`value:${currency}`}>
          {t('campaigns.valueIn', { currency })}
        </option>,
        <option key={`perMessage:${currency}`} value={`perMessage:${currency}`}>
          {t('campaigns.perMessageIn', { currency })}
        </option>,
      ])}
      {RATE_KEYS.map((key) => (
        <option key={key} value={key}>
          {t(`campaigns.${key}`)}
        </option>
      ))}
      {COUNT_KEYS.map((key) => (
        <option key={key} value={key}>
          {t(COUNT_LABELS[key])}
        </option>
      ))}
      <option value="name">{t('campaigns.name')}</option>
      <option value="createdAt">{t('campaigns.createdAt')}</option>
    </>
  );
}
