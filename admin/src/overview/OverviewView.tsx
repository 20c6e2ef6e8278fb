import { useCampaigns, useMetrics } from '../api/queries';
import type { Day, DayRange } from '../period/days';
import { comparedWith, usualComparison, type ComparisonChoice, type RangeChoice } from '../period/urlState';
import { useOnScreen } from '../ui/useOnScreen';
import { Analytics } from './Analytics';
import { CampaignsPanel } from './CampaignsPanel';

interface OverviewViewProps {
  choice: RangeChoice;
  range: DayRange;
  today: Day;
  /** The store's; undefined until it is known, and with it the days to ask for. */
  timeZone: string | undefined;
  campaignId: string | undefined;
  /** The figure whose chart is shown. */
  figure: string | undefined;
  /** What the figures are compared with; undefined: what is usual for the range. */
  compare?: ComparisonChoice | undefined;
}

/** The figures of the range above, the campaigns below. What isn't in sight isn't refreshed. */
export function OverviewView({ choice, range, today, timeZone, campaignId, figure, compare }: OverviewViewProps) {
  const days = timeZone ? range : undefined;
  const [analyticsBox, seesAnalytics] = useOnScreen<HTMLDivElement>();
  const [campaignsBox, seesCampaigns] = useOnScreen<HTMLDivElement>();
  const compared = compare ?? usualComparison(choice);
  // Without a chosen campaign both parts show the same answer, and one of the two asks for it.
  const refresh = seesAnalytics || (!campaignId && seesCampaigns) ? 'often' : 'never';
  const selected = useMetrics(days, campaignId, refresh, comparedWith(compared));
  // The table shows every campaign's own figures, whichever is chosen above.
  // With the same earlier days, though it shows none: it is the answer that was shown before one was chosen.
  const all = useMetrics(days, undefined, campaignId && seesCampaigns ? 'often' : 'never', comparedWith(compared));
  const campaigns = useCampaigns(seesCampaigns ? 'often' : 'never');
  const isEmpty = campaigns.data?.length === 0;
  const campaign = campaigns.data?.find((each) => each.campaignId === campaignId);
  return (
    <>
      {!isEmpty && (
        <div ref={analyticsBox}>
          <Analytics
            metrics={selected}
            choice={choice}
            range={range}
            today={today}
            timeZone={timeZone}
            campaignId={campaignId}
            campaign={campaign}
            campaigns={campaigns.data}
            figure={figure}
            compare={compared}
          />
        </div>
      )}
      <div ref={campaignsBox}>
        <CampaignsPanel campaigns={campaigns} metrics={all} timeZone={timeZone} selected={campaign} />
      </div>
    </>
  );
}
