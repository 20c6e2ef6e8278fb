import type { Browser, Page, Response } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { figuresShown, open } from './page';
import { daysAgo, STACK_URL, Store, TIME_ZONE } from './stack';

// What the page waits for when it opens, told by what it asks for while another answer is held back.

let browser: Browser;
let store: Store;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  await store.seed();
});

afterAll(() => browser.close());

/** Holds the answers to some requests back until another request is made. */
async function hold(page: Page, held: RegExp, until: RegExp): Promise<void> {
  const asked = page.waitForRequest(until);
  await page.route(held, async (route) => {
    await asked;
    await route.continue();
  });
}

it.each([
  ['the configuration while its script is on the way', /\/assets\/index-.*\.js$/, /\/config\.json$/],
  ['the figures while the settings are on the way', /\/account$/, /\/metrics\?/],
  ['the campaigns while the settings are on the way', /\/account$/, /\/campaigns$/],
  ['the figures while the campaigns are on the way', /\/campaigns$/, /\/metrics\?/],
])('asks for %s', async (_, held, until) => {
  const { page } = await open(browser, {
    account: store.account,
    waitUntil: 'commit',
    before: (fresh) => hold(fresh, held, until),
  });
  await figuresShown(page);
});

it('asks for each thing once', async () => {
  const asked: string[] = [];
  const { page } = await open(browser, {
    account: store.account,
    timezoneId: 'America/Sao_Paulo',
    before: (fresh) => Promise.resolve(void fresh.on('request', (request) => asked.push(request.url()))),
  });
  await figuresShown(page);
  await page.waitForLoadState('networkidle');
  // Without what it is compared with, which is another question about other days.
  const [first, ...others] = asked.filter((url) => url.includes('/metrics?'));
  expect(others).not.toContain(first);
  const rest = asked.filter((url) => !url.includes('/metrics?'));
  expect(rest).toEqual([...new Set(rest)]);
});

it('shows the store’s days where it is another day than here', async () => {
  const hour = new Intl.DateTimeFormat('en', { timeZone: TIME_ZONE, hour: 'numeric', hourCycle: 'h23' });
  // 17 hours ahead of the store, or 8 behind it: one of the two has another date.
  const elsewhere = Number(hour.format(new Date())) >= 7 ? 'Pacific/Kiritimati' : 'Pacific/Pago_Pago';
  const shown: (string | null)[] = [];
  for (const timezoneId of [TIME_ZONE, elsewhere]) {
    const { page } = await open(browser, { account: store.account, path: '/?range=today', timezoneId });
    const right = page.waitForResponse((response) => response.url().includes(`from=${daysAgo(0)}&to=${daysAgo(0)}`));
    await page.reload();
    await right;
    await figuresShown(page);
    shown.push(await page.locator('.range-button').textContent());
  }
  expect(shown[1]).toBe(shown[0]);
});

it('is sent compressed', async () => {
  let script: Promise<Response> | undefined;
  await open(browser, {
    account: store.account,
    before: (page) => {
      script = page.waitForResponse(/\/assets\/index-.*\.js$/);
      return Promise.resolve();
    },
  });
  expect(await (await script)?.headerValue('content-encoding')).toBe('gzip');
  const { headers } = await fetch(STACK_URL, { headers: { 'accept-encoding': 'gzip' } });
  expect(headers.get('content-encoding')).toBe('gzip');
});
