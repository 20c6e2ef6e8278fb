import type { UseQueryResult } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Campaign, Metrics } from '../api/types';
import { useApp } from '../app/AppContext';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { EmptyNote } from '../ui/EmptyNote';
import { PlusIcon } from '../ui/icons';
import { Pager } from '../ui/Pager';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';
import { CampaignsTable } from './CampaignsTable';
import { CampaignsTools, type Filter } from './CampaignsTools';
import { currenciesOf, isFound, rank, type Ranking } from './ranking';
import { sumFigures } from './sumFigures';

interface CampaignsPanelProps {
  campaigns: UseQueryResult<Campaign[]>;
  metrics: UseQueryResult<Metrics>;
  timeZone: string | undefined;
  selected: Campaign | undefined;
}

/** Campaigns shown at once; a store has at most 100. */
const PAGE_ROWS = 20;

/** All campaigns with their own figures of the range, the best first. */
export function CampaignsPanel({ campaigns, metrics, timeZone, selected }: CampaignsPanelProps) {
  const { t, locale } = useFormat();
  const { canWrite } = useApp();
  const openDialog = useDialogs();
  const [filter, setFilter] = useState<Filter>('all');
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<Ranking>();
  const [page, setPage] = useState(0);
  const { data } = campaigns;
  const figures = metrics.data?.campaigns;
  const currencies = useMemo(() => currenciesOf(figures ?? []), [figures]);
  const currency = currencies[0];
  const ranking = useMemo<Ranking>(
    () =>
      chosen ?? (currency ? { key: `value:${currency}`, descending: true } : { key: 'createdAt', descending: false }),
    [chosen, currency],
  );
  const ranked = useMemo(() => {
    const byId = new Map(figures?.map((each) => [each.campaignId, each]));
    const shown = (data ?? [])
      .filter(({ status, name }) => (filter === 'all' || status === filter) && isFound(name, search))
      .map((campaign) => ({ campaign, own: byId.get(campaign.campaignId) }));
    return rank(shown, ranking, locale);
  }, [data, figures, filter, search, ranking, locale]);
  const all = ranked.length === data?.length;
  const total = useMemo(
    () => (all ? metrics.data?.totals : figures && sumFigures(ranked.flatMap(({ own }) => own ?? []))),
    [all, metrics.data, figures, ranked],
  );
  const totalOf = useMemo(() => ({ campaigns: ranked.length, all }), [ranked.length, all]);
  const pages = Math.max(1, Math.ceil(ranked.length / PAGE_ROWS));
  // A list that got shorter has no such page any more.
  const current = Math.min(page, pages - 1);
  const rows = useMemo(() => ranked.slice(current * PAGE_ROWS, (current + 1) * PAGE_ROWS), [ranked, current]);
  const first = <T,>(set: (value: T) => void) => {
    return (value: T): void => {
      set(value);
      setPage(0);
    };
  };
  const create = canWrite && (
    <Button kind={data?.length === 0 ? 'primary' : 'secondary'} onPress={() => openDialog({ kind: 'create' })}>
      <PlusIcon size={16} />
      {t('campaigns.new')}
    </Button>
  );
  return (
    <section className="section" aria-labelledby="campaigns-title">
      <div className="section-head">
        <h2 id="campaigns-title" tabIndex={-1}>
          {t('campaigns.title')}
        </h2>
        {data && data.length > 0 && create}
      </div>
      <div className="card table-card">
        {campaigns.isError && !data ? (
          <PanelError error={campaigns.error} onRetry={() => void campaigns.refetch()} />
        ) : !data || !timeZone || metrics.isPending ? (
          // Rows that would take their places only to leave them for the figures' order wait for these.
          <div className="table-skeleton">
            <Skeleton height={196} />
          </div>
        ) : data.length === 0 ? (
          <EmptyNote title={t('campaigns.empty')} text={t('campaigns.emptyText')}>
            {create}
          </EmptyNote>
        ) : (
          <>
            <CampaignsTools
              filter={filter}
              onFilter={first(setFilter)}
              search={search}
              onSearch={first(setSearch)}
              ranking={ranking}
              onRank={first(setChosen)}
              currencies={currencies}
            />
            {ranked.length === 0 ? (
              <p className="table-note muted">{t(noneOf(filter, search))}</p>
            ) : (
              <CampaignsTable
                campaigns={rows}
                total={total}
                totalOf={totalOf}
                pending={metrics.isPending}
                timeZone={timeZone}
                selectedId={selected?.campaignId}
                ranking={ranking}
                currency={currency}
                onRank={setChosen}
              />
            )}
            <Pager page={current} pages={pages} rows={PAGE_ROWS} total={ranked.length} onChoose={setPage} />
          </>
        )}
      </div>
      {ranked.length > 0 && (
        <p className="muted small" aria-live="polite">
          {selected ? t('campaigns.hintSelected', { name: selected.name }) : t('campaigns.hint')}
        </p>
      )}
    </section>
  );
}

function noneOf(filter: Filter, search: string) {
  if (search.trim()) return 'campaigns.noneFound';
  return filter === 'active' ? 'campaigns.noneActive' : 'campaigns.nonePaused';
}
