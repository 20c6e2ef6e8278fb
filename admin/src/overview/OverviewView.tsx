import { useMetrics, useCampaigns } from '../api/queries';
import { useFormat } from '../i18n/useFormat';
import type { Day, DayRange } from '../period/days';
import type { RangeChoice } from '../period/urlState';
import { Analytics } from './Analytics';
import { CampaignsPanel } from './CampaignsPanel';

interface OverviewViewProps {
  choice: RangeChoice;
  range: DayRange;
  today: Day;
  timeZone: string;
  campaignId: string | undefined;
}

/** The figures of the range above, the campaigns below. */
export function OverviewView({ choice, range, today, timeZone, campaignId }: OverviewViewProps) {
  const { t, time } = useFormat();
  const selected = useMetrics(range, campaignId);
  // The table shows every campaign's own figures, whichever is chosen above.
  const all = useMetrics(range);
  const campaigns = useCampaigns();
  const isEmpty = campaigns.data?.length === 0;
  return (
    <>
      {!isEmpty && (
        <Analytics
          metrics={selected}
          choice={choice}
          range={range}
          today={today}
          timeZone={timeZone}
          campaignId={campaignId}
        />
      )}
      <CampaignsPanel campaigns={campaigns} metrics={all} timeZone={timeZone} selectedId={campaignId} />
      {selected.dataUpdatedAt > 0 && !isEmpty && (
        <p className="muted small updated">{t('app.refreshed', { time: time(new Date(selected.dataUpdatedAt)) })}</p>
      )}
    </>
  );
}
