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
  /** The store's; undefined until it is known, and with it the days to ask for. */
  timeZone: string | undefined;
  campaignId: string | undefined;
}

/** The figures of the range above, the campaigns below. */
export function OverviewView({ choice, range, today, timeZone, campaignId }: OverviewViewProps) {
  const { t, time } = useFormat();
  const days = timeZone ? range : undefined;
  const selected = useMetrics(days, campaignId);
  // The table shows every campaign's own figures, whichever is chosen above.
  const all = useMetrics(days);
  const campaigns = useCampaigns();
  const isEmpty = campaigns.data?.length === 0;
  const campaign = campaigns.data?.find((each) => each.campaignId === campaignId);
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
          campaign={campaign}
        />
      )}
      <CampaignsPanel campaigns={campaigns} metrics={all} timeZone={timeZone} selected={campaign} />
      {timeZone && selected.dataUpdatedAt > 0 && !isEmpty && (
        <p className="muted small updated">
          {t('app.refreshed', { time: time(new Date(selected.dataUpdatedAt), timeZone) })}
        </p>
      )}
    </>
  );
}
