import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { figuresShown, open } from './page';
import { Store } from './stack';

// What the page costs a store of a hundred campaigns, counted by the profiler: how often parts are drawn and how many
// functions are called, which is the same on a slow machine.

let browser: Browser;
let store: Store;

const CAMPAIGNS = 100;
/** The rows of a page of the table. */
const SHOWN = 20;

/** About twice what was counted when this was written. */
const MOST_CALLS = { firstView: 450_000, update: 45_000, pointerMove: 1_200 };

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  await store.seed();
  for (let index = 1; index < CAMPAIGNS; index++) await store.campaign({ name: `Campanha ${index}` });
});

afterAll(() => browser.close());

/** What the page's scripts did: all calls, and those of the function that holds a text of its own. */
interface Work {
  calls: number;
  callsOf: (text: string) => number;
}

const startCounting = (page: Page): Promise<void> => page.coverage.startJSCoverage({ resetOnNavigation: false });

async function counted(page: Page): Promise<Work> {
  const scripts = await page.coverage.stopJSCoverage();
  const functions = scripts.flatMap(({ source = '', functions: all }) =>
    all.flatMap(({ ranges: [whole] }) =>
      whole ? [{ text: source.slice(whole.startOffset, whole.endOffset), count: whole.count }] : [],
    ),
  );
  return {
    calls: functions.reduce((sum, { count }) => sum + count, 0),
    callsOf: (text) => {
      // The innermost function that holds it.
      const [found] = functions
        .filter((each) => each.text.includes(text))
        .sort((one, other) => one.text.length - other.text.length);
      if (!found) throw new Error(`no function that was loaded holds ${text}`);
      return found.count;
    },
  };
}

/** The class that a row's name has, which stands in the row's function alone. */
const ROW = 'name-button';

/** The class of the chart's hatch, likewise. */
const LINES = 'counting-stripe';

/** Waits for an answer, and until the page has drawn what follows. */
async function after(page: Page, answer: RegExp, act: () => Promise<void>): Promise<void> {
  const answered = page.waitForResponse(answer);
  await act();
  await (await answered).finished();
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** Long enough for the next refresh of figures in sight. */
const A_POLL = 31_000;

const asked = (page: Page): string[] => {
  const urls: string[] = [];
  page.on('request', (request) => urls.push(new URL(request.url()).pathname + new URL(request.url()).search));
  return urls;
};

describe('a hundred campaigns', () => {
  it('are drawn page by page', async () => {
    const { page } = await open(browser, { account: store.account, before: startCounting });
    await figuresShown(page);
    await page.getByRole('row', { name: 'Carrinho abandonado' }).waitFor();
    await page.waitForLoadState('networkidle');
    const done = await counted(page);
    console.log(`100 campaigns, first view: ${done.callsOf(ROW)} rows drawn, ${done.calls} calls`);
    expect(done.callsOf(ROW)).toBe(SHOWN);
    expect(done.callsOf(LINES)).toBeGreaterThan(0);
    expect(done.calls).toBeLessThan(MOST_CALLS.firstView);
  });

  it('cost hardly anything when an update brings nothing new', async () => {
    const { page } = await open(browser, { account: store.account, before: (fresh) => fresh.clock.install() });
    await figuresShown(page);
    await page.waitForLoadState('networkidle');
    await startCounting(page);
    await after(page, /\/metrics\?/, () => page.clock.runFor(A_POLL));
    const done = await counted(page);
    console.log(`100 campaigns, an update without news: ${done.calls} calls`);
    expect(done.calls).toBeLessThan(MOST_CALLS.update);
    expect(() => done.callsOf(ROW), 'no row is drawn').toThrow();
  });
});

it('a pointer that moves over the chart draws no line anew', async () => {
  const moves = 50;
  const { page } = await open(browser, { account: store.account, path: '/?range=last30' });
  await figuresShown(page);
  await page.waitForLoadState('networkidle');
  const box = await page.getByRole('slider').boundingBox();
  if (!box) throw new Error('there is no chart');
  await startCounting(page);
  for (let move = 0; move < moves; move++)
    await page.mouse.move(box.x + 100 + (move / moves) * (box.width - 200), box.y + 100);
  await page.locator('.chart-tooltip').waitFor();
  const done = await counted(page);
  console.log(`a move over the chart: ${Math.round(done.calls / moves)} calls`);
  expect(done.calls / moves).toBeLessThan(MOST_CALLS.pointerMove);
  expect(() => done.callsOf(LINES), 'no line is drawn').toThrow();
});

describe('polls', () => {
  it('ask for what is in sight alone', async () => {
    const { page } = await open(browser, {
      account: store.account,
      path: `/?campaign=${(await store.campaigns())[0]?.campaignId ?? ''}`,
      viewport: { width: 1280, height: 500 },
      before: (fresh) => fresh.clock.install(),
    });
    await figuresShown(page);
    await page.waitForLoadState('networkidle');
    const urls = asked(page);
    await after(page, /\/metrics\?.*campaignId/, () => page.clock.runFor(A_POLL));
    // The table with everybody's figures is further down.
    expect(urls.filter((url) => url.includes('/campaigns') || !url.includes('campaignId'))).toEqual([]);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await after(page, /\/campaigns$/, () => page.clock.runFor(A_POLL));
    expect(urls.filter((url) => url.startsWith('/campaigns'))).not.toEqual([]);
  });

  it('stop while the page is hidden, and go on when it is seen', async () => {
    const { page } = await open(browser, { account: store.account, before: (fresh) => fresh.clock.install() });
    await figuresShown(page);
    await page.waitForLoadState('networkidle');
    const urls = asked(page);
    const become = (state: 'hidden' | 'visible'): Promise<void> =>
      page.evaluate((now) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, value: now });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await become('hidden');
    await page.clock.runFor(10 * A_POLL);
    expect(urls).toEqual([]);
    await after(page, /\/metrics\?/, () => become('visible'));
    expect(urls).not.toEqual([]);
  });
});
