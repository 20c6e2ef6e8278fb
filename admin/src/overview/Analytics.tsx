import type { UseQueryResult } from '@tanstack/react-query';
import type { Metrics } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import type { Day, DayRange } from '../period/days';
import { goTo, type RangeChoice } from '../period/urlState';
import { RangePicker } from '../range/RangePicker';
import { Button } from '../ui/Button';
import { EmptyNote } from '../ui/EmptyNote';
import { HelpBubble } from '../ui/HelpBubble';
import { PanelError } from '../ui/PanelError';
import { CampaignChip } from './CampaignChip';
import { ChartPanel } from './ChartPanel';
import { FigureCards } from './FigureCards';
import { useComparison } from './useComparison';

interface AnalyticsProps {
  metrics: UseQueryResult<Metrics>;
  choice: RangeChoice;
  range: DayRange;
  today: Day;
  timeZone: string;
  campaignId: string | undefined;
}

/** The figures and the chart of the chosen days. */
export function Analytics({ metrics, choice, range, today, timeZone, campaignId }: AnalyticsProps) {
  const { t } = useFormat();
  const { data } = metrics;
  const comparison = useComparison(data, range, today, campaignId);
  const failed = metrics.isError && !data;
  return (
    <section aria-labelledby="analytics-title" className="section">
      <div className="section-head">
        <div>
          <h2 id="analytics-title">{t('analytics.title')}</h2>
          <p className="muted small">{t('range.zone', { zone: timeZone.replaceAll('_', ' ') })}</p>
        </div>
        <RangePicker choice={choice} range={range} today={today} />
      </div>
      <div className="section-notes">
        {campaignId && (
          <CampaignChip campaignId={campaignId} />
        )}
        <RipenessNote metrics={data} comparison={comparison} />
        {metrics.isError && data && <span className="muted small">{t('error.stale')}</span>}
      </div>
      {failed ? (
        <div className="card">
          <PanelError error={metrics.error} onRetry={() => void metrics.refetch()} />
        </div>
      ) : (
        <div className={metrics.isPlaceholderData ? 'stack pending' : 'stack'}>
          <FigureCards figures={data?.totals} comparison={comparison} />
          {data && data.totals.sent === 0 && data.totals.totalClicks === 0 ? (
            <div className="card">
              <EmptyNote title={t('analytics.noData')} text={t('analytics.noDataText')}>
                <Button onPress={() => goTo({ range: 'last30' })}>{t('analytics.lastThirty')}</Button>
              </EmptyNote>
            </div>
          ) : (
            <ChartPanel days={data?.days} />
          )}
        </div>
      )}
    </section>
  );
}

interface RipenessNoteProps {
  metrics: Metrics | undefined;
  comparison: ReturnType<typeof useComparison>;
}

function RipenessNote({ metrics, comparison }: RipenessNoteProps) {
  const { t, range } = useFormat();
  if (!metrics) return null;
  const counting = metrics.days.some((day) => !day.settled);
  return (
    <>
      {counting && (
        <span className="note">
          <span className="tag counting">{t('analytics.counting')}</span>
          <HelpBubble label={t('figure.help', { figure: t('analytics.counting') })} text={t('analytics.countingHelp')} />
        </span>
      )}
      {comparison && (
        <span className="muted small">
          {t(comparison.kind === 'whole' ? 'analytics.compared' : 'analytics.comparedPoint', {
            range: range(comparison.range),
          })}
        </span>
      )}
    </>
  );
}
