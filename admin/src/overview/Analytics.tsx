import type { UseQueryResult } from '@tanstack/react-query';
import { useAccount } from '../api/queries';
import type { Campaign, Metrics } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import type { Day, DayRange } from '../period/days';
import { goTo, type ComparisonChoice, type RangeChoice } from '../period/urlState';
import { RangePicker } from '../range/RangePicker';
import { Button } from '../ui/Button';
import { EmptyNote } from '../ui/EmptyNote';
import { HelpBubble } from '../ui/HelpBubble';
import { PanelError } from '../ui/PanelError';
import { Skeleton } from '../ui/Skeleton';
import { useChangeMarks } from '../chart/changes';
import { ChartPanel } from '../chart/ChartPanel';
import { CampaignChip } from './CampaignChip';
import { CompareMenu } from './CompareMenu';
import { FigureCards } from './FigureCards';
import { Funnel } from './Funnel';

interface AnalyticsProps {
  metrics: UseQueryResult<Metrics>;
  choice: RangeChoice;
  range: DayRange;
  today: Day;
  /** The store's; undefined until it is known. */
  timeZone: string | undefined;
  campaignId: string | undefined;
  /** The chosen campaign, once the campaigns are known. */
  campaign: Campaign | undefined;
  /** All campaigns, once they are known. */
  campaigns: Campaign[] | undefined;
  /** The figure whose chart is shown. */
  figure: string | undefined;
  compare: ComparisonChoice;
}

/** The figures and the chart of the chosen days. */
export function Analytics(props: AnalyticsProps) {
  const { metrics, choice, range, today, timeZone, campaignId, campaign, campaigns = [], figure, compare } = props;
  const { t, zone, time } = useFormat();
  const { data } = metrics;
  const { data: account } = useAccount();
  // Days compared with nothing are no comparison: whoever shows figures beside shows none then.
  const earlier = data?.comparison ?? undefined;
  const comparable = earlier && earlier.totals.sent > 0 ? earlier : undefined;
  const marks = useChangeMarks(campaignId ? (campaign ? [campaign] : []) : campaigns, range, timeZone);
  // The figures say whose days they count, also when the store's settings could not be read.
  const storeZone = data?.timeZone ?? timeZone;
  const failed = metrics.isError && !data;
  const silent = data?.totals.sent === 0 && data.totals.totalClicks === 0;
  return (
    <section aria-labelledby="analytics-title" className="section">
      <div className="section-head">
        <div>
          <h2 id="analytics-title" tabIndex={-1}>
            {t('analytics.title')}
          </h2>
          <p className="muted small zone">
            {storeZone ? t('range.zone', { zone: zone(storeZone) }) : <Skeleton width={280} height={18} />}
            {storeZone && metrics.dataUpdatedAt > 0 && (
              <span className="refreshed">
                {t('app.refreshed', { time: time(new Date(metrics.dataUpdatedAt), storeZone) })}
              </span>
            )}
          </p>
        </div>
        <RangePicker choice={choice} range={range} today={today} />
      </div>
      {/* Its room is kept while figures are awaited; where there are none to speak of, it takes none. */}
      <div className={failed || silent ? 'section-notes optional' : 'section-notes'}>
        {campaignId && <CampaignChip campaignId={campaignId} />}
        {!silent && data && <RipenessNote metrics={data} />}
        {!failed && <CompareMenu choice={choice} compare={compare} earlier={earlier} />}
        {metrics.isError && data && <span className="muted small">{t('error.stale')}</span>}
      </div>
      {failed ? (
        <div className="card">
          <PanelError error={metrics.error} onRetry={() => void metrics.refetch()} />
        </div>
      ) : (
        <div className={metrics.isPlaceholderData ? 'stack pending' : 'stack'}>
          <FigureCards
            figures={data?.totals}
            earlier={comparable}
            isOpen={range.to >= today}
            chosen={figure}
            pending={metrics.isPlaceholderData}
          />
          {silent ? (
            <div className="card no-data">
              <EmptyNote title={t('analytics.noData')} text={t('analytics.noDataText')}>
                <Button onPress={() => goTo({ range: 'last30' })}>{t('analytics.lastThirty')}</Button>
              </EmptyNote>
            </div>
          ) : (
            <>
              <ChartPanel
                days={data?.days}
                from={range.from}
                to={range.to}
                today={today}
                campaign={campaign}
                figureId={figure}
                comparison={comparable}
                marks={marks}
              />
              <Funnel figures={data?.totals} prices={account?.messagePrices} />
            </>
          )}
        </div>
      )}
    </section>
  );
}

/** What is still to come. */
function RipenessNote({ metrics }: { metrics: Metrics }) {
  const { t } = useFormat();
  if (metrics.days.every((day) => day.settled)) return null;
  return (
    <span className="note">
      <span className="tag counting">{t('analytics.counting')}</span>
      <HelpBubble label={t('figure.help', { figure: t('analytics.counting') })} text={t('analytics.countingHelp')} />
    </span>
  );
}
