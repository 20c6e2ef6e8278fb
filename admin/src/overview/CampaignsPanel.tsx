import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import type { Campaign, Metrics } from '../api/types';
import { useApp } from '../app/AppContext';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { EmptyNote } from '../ui/EmptyNote';
import { PlusIcon } from '../ui/icons';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';
import { CampaignsTable } from './CampaignsTable';

const FILTERS = ['all', 'active', 'paused'] as const;
type Filter = (typeof FILTERS)[number];

interface CampaignsPanelProps {
  campaigns: UseQueryResult<Campaign[]>;
  metrics: UseQueryResult<Metrics>;
  timeZone: string | undefined;
  selected: Campaign | undefined;
}

/** All campaigns with their own figures of the range. */
export function CampaignsPanel({ campaigns, metrics, timeZone, selected }: CampaignsPanelProps) {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const openDialog = useDialogs();
  const [filter, setFilter] = useState<Filter>('all');
  const { data } = campaigns;
  const shown = data?.filter((campaign) => filter === 'all' || campaign.status === filter);
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
        {data && data.length > 0 && (
          <div className="section-actions">
            <div className="segments" role="group" aria-label={t('campaigns.filter')}>
              {FILTERS.map((each) => (
                <AriaButton
                  key={each}
                  className="segment"
                  aria-pressed={filter === each}
                  onPress={() => setFilter(each)}
                >
                  {t(`campaigns.${each}`)}
                </AriaButton>
              ))}
            </div>
            {create}
          </div>
        )}
      </div>
      <div className="card table-card">
        {campaigns.isError && !data ? (
          <PanelError error={campaigns.error} onRetry={() => void campaigns.refetch()} />
        ) : !shown || !timeZone ? (
          <div className="table-skeleton">
            <Skeleton height={196} />
          </div>
        ) : data?.length === 0 ? (
          <EmptyNote title={t('campaigns.empty')} text={t('campaigns.emptyText')}>
            {create}
          </EmptyNote>
        ) : shown.length === 0 ? (
          <p className="table-note muted">{t(filter === 'active' ? 'campaigns.noneActive' : 'campaigns.nonePaused')}</p>
        ) : (
          <CampaignsTable
            campaigns={shown}
            figures={metrics.data?.campaigns}
            pending={metrics.isPending}
            timeZone={timeZone}
            selectedId={selected?.campaignId}
          />
        )}
      </div>
      {shown && shown.length > 0 && (
        <p className="muted small" aria-live="polite">
          {selected ? t('campaigns.hintSelected', { name: selected.name }) : t('campaigns.hint')}
        </p>
      )}
    </section>
  );
}
