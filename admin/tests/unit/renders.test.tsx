import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { Profiler } from 'react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Campaign, CampaignFigures, Metrics } from '../../src/api/types';
import { bucketsOf } from '../../src/chart/buckets';
import * as chartScales from '../../src/chart/chartScales';
import { OVERVIEW_PANELS } from '../../src/chart/panels';
import { TrendChart } from '../../src/chart/TrendChart';
import { OverviewView } from '../../src/overview/OverviewView';
import * as kebab from '../../src/ui/KebabMenu';
import { daysFrom, figuresWith } from './figures';
import { around } from './page';

// How often parts are drawn anew, which doesn't depend on how fast the machine is.

vi.mock('../../src/ui/KebabMenu', () => ({ KebabMenu: vi.fn(() => null) }));
vi.mock('../../src/chart/chartScales', async (original) => {
  const real = await original<typeof chartScales>();
  return { ...real, chartGeometry: vi.fn(real.chartGeometry) };
});

afterEach(() => vi.restoreAllMocks());

const TODAY = '2026-11-22';
const RANGE = { from: '2026-11-16', to: TODAY };
const CAMPAIGNS = 100;
const SHOWN = 20;

const campaigns: Campaign[] = Array.from({ length: CAMPAIGNS }, (_, index) => ({
  campaignId: `c${index}`,
  name: `Campaign ${index}`,
  language: 'es',
  messageType: 'text',
  status: 'active',
  version: 1,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
}));

const answerWith = (changed: Partial<CampaignFigures>): Metrics => ({
  ...RANGE,
  timeZone: 'UTC',
  totals: figuresWith({ sent: 5 }),
  funnel: { carts: 0, skipped: [], heldOut: 0, reminded: 0, accepted: 0, rejected: 0, unknown: 0, unconfirmed: 0 },
  days: daysFrom(RANGE.from, 7),
  campaigns: campaigns.map(({ campaignId, name }, index) => ({
    campaignId,
    name,
    ...figuresWith({ sent: 5 }),
    ...(index === 3 ? changed : {}),
  })),
});

/** How often a row of a campaign was drawn since this was asked last: each draws its menu once. */
function rowsDrawn(): number {
  const menu = vi.mocked(kebab.KebabMenu);
  const drawn = menu.mock.calls.filter(([{ label }]) => label.startsWith('Actions for')).length;
  menu.mockClear();
  return drawn;
}

// A wide window, which no unit test's browser has.
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: vi.fn(), removeEventListener: vi.fn() }));

it('a hundred campaigns are drawn page by page, and an update draws only the rows that changed', async () => {
  let answer = answerWith({});
  vi.spyOn(globalThis, 'fetch').mockImplementation((request) => {
    const { pathname } = new URL((request as Request).url);
    return Promise.resolve(
      Response.json(pathname === '/metrics' ? answer : { items: pathname === '/campaigns' ? campaigns : [] }),
    );
  });
  const { client, wrapper } = await around();
  render(
    <OverviewView
      choice="last7"
      range={RANGE}
      today={TODAY}
      timeZone="UTC"
      campaignId={undefined}
      figure={undefined}
    />,
    { wrapper },
  );
  await screen.findByText('Campaign 19');
  expect(screen.queryByText('Campaign 20')).toBeNull();
  expect(rowsDrawn()).toBe(SHOWN);

  await act(() => client.refetchQueries());
  expect(rowsDrawn(), 'nothing changed').toBe(0);

  answer = answerWith({ read: 2 });
  await act(() => client.refetchQueries());
  await waitFor(() => expect(rowsDrawn(), 'one campaign changed').toBe(1));
});

it('the pointer on the chart draws no line anew', async () => {
  const buckets = bucketsOf(daysFrom('2026-09-24', 60), 'day', TODAY);
  const { wrapper } = await around();
  const drawn = vi.fn();
  render(
    <Profiler id="chart" onRender={drawn}>
      <TrendChart buckets={buckets} panels={OVERVIEW_PANELS} before={undefined} marks={[]} />
    </Profiler>,
    { wrapper },
  );
  const chart = screen.getByRole('slider');
  const paths = [...chart.querySelectorAll('path')];
  const geometry = vi.mocked(chartScales.chartGeometry);
  geometry.mockClear();
  drawn.mockClear();
  for (let x = 0; x < 50; x++) fireEvent.pointerMove(chart, { clientX: 80 + x * 10 });
  expect(drawn.mock.calls.length, 'it moved').toBeGreaterThan(10);
  expect(geometry).not.toHaveBeenCalled();
  expect([...chart.querySelectorAll('path')]).toEqual(paths);
});
