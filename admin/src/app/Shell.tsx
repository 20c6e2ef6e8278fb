import { lazy, Suspense, useEffect } from 'react';
import { useAccount, useCampaigns, useMetricsAhead } from '../api/queries';
import { isProblem } from '../api/problem';
import { useFormat } from '../i18n/useFormat';
import { OverviewView } from '../overview/OverviewView';
import { SetupPlace } from '../setup/SetupPlace';
import { comparedWith, resolveRange, usualComparison } from '../period/urlState';
import { LazyBoundary } from '../ui/LazyBoundary';
import { Skeleton } from '../ui/Skeleton';
import { OVERLAYS_ID } from './overlays';
import { PageHead } from './PageHead';
import { browserZone } from './browserZone';
import { useToday } from './useToday';
import { useUrlState } from './useUrlState';
import { OfflineNotice } from './OfflineNotice';
import { PendingNotice } from './PendingNotice';

const CartsView = lazy(() => import('../carts/CartsView'));
const PurchasesView = lazy(() => import('../purchases/PurchasesView'));
const SchedulesView = lazy(() => import('../schedules/SchedulesView'));
const SendingView = lazy(() => import('../sending/SendingView'));
const BlockedNotice = lazy(() => import('../sending/BlockedNotice'));
const SettingsView = lazy(() => import('../settings/SettingsView'));
const SetupView = lazy(() => import('../setup/SetupView'));

/** The page of a signed-in user. */
export function Shell() {
  const { t } = useFormat();
  const account = useAccount();
  const { data: campaigns } = useCampaigns();
  const { view, range: choice, campaignId, figure, compare } = useUrlState();
  const timeZone = account.data?.timeZone ?? browserZone();
  const today = useToday(timeZone);
  const range = resolveRange(choice, today);
  const setUp = isProblem(account.error, 'account-not-found');
  const campaign = campaigns?.find((each) => each.campaignId === campaignId);
  // A report of the chosen campaign waits until it is known; there is none of a store without campaigns.
  const canReport = !setUp && (campaignId ? campaign !== undefined : campaigns?.length !== 0);
  const days = { choice, range, today, timeZone, campaignId };

  const compared = comparedWith(compare ?? usualComparison(choice));
  useMetricsAhead(view === 'overview' ? range : undefined, campaignId, compared);
  useEffect(() => {
    document.title = t('app.title');
  }, [t]);

  return (
    <>
      <a className="skip" href="#main">
        {t('app.skip')}
      </a>
      <div className="page">
        <PageHead view={view} campaign={campaign} canReport={canReport} />
        <OfflineNotice />
        <PendingNotice pending={account.data?.pending} />
        {account.data?.whatsapp?.blocked && (
          <LazyBoundary onFailed={() => undefined}>
            <Suspense fallback={null}>
              <BlockedNotice blocked={account.data.whatsapp.blocked} />
            </Suspense>
          </LazyBoundary>
        )}
        <main id="main" tabIndex={-1}>
          {view === 'overview' && account.data && !campaignId && (
            <SetupPlace account={account.data} range={range} compared={compared} />
          )}
          <LazyBoundary key={view} onFailed={() => undefined}>
            <Suspense fallback={<Skeleton height={400} />}>
              {setUp ? (
                <SetupView />
              ) : view === 'overview' ? (
                <OverviewView
                  {...days}
                  figure={figure}
                  compare={compare}
                  timeZone={account.isPending ? undefined : timeZone}
                />
              ) : account.isPending ? (
                <Skeleton height={400} />
              ) : view === 'purchases' ? (
                <PurchasesView {...days} />
              ) : view === 'carts' ? (
                <CartsView {...days} />
              ) : view === 'sending' ? (
                <SendingView />
              ) : view === 'settings' ? (
                <SettingsView />
              ) : (
                <SchedulesView />
              )}
            </Suspense>
          </LazyBoundary>
          <div id={OVERLAYS_ID} />
        </main>
      </div>
    </>
  );
}
