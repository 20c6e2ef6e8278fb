import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, figuresShown, focusIn, open, openMenu, overflowing } from './page';
import { STACK_URL, Store } from './stack';

let browser: Browser;
let store: Store;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  await store.seed();
});

afterAll(() => browser.close());

const LANGUAGES = [
  { locale: 'pt-BR', title: 'Campanhas de WhatsApp', send: 'Enviar relatório' },
  { locale: 'en-US', title: 'WhatsApp campaigns', send: 'Send report' },
  { locale: 'es-MX', title: 'Campañas de WhatsApp', send: 'Enviar informe' },
] as const;

/** Labels whose text doesn't fit its box. */
const clipped = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, .figure-label span, .figure-number, th, h1, h2, h3')]
      // The question marks are wider to a thumb than to the eye.
      .filter((element) => !element.classList.contains('help') && element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1)
      .map((element) => element.textContent),
  );

describe.each(LANGUAGES)('in $locale', ({ locale, title, send }) => {
  it.each([1280, 390])('fits a width of %i px and breaks no rule of axe', async (width) => {
    const viewport = { width, height: 844 };
    const { page } = await open(browser, { account: store.account, locale, viewport });
    await figuresShown(page);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(title);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale.startsWith('es') ? 'es' : locale);
    expect(await overflowing(page)).toBe(false);
    expect(await clipped(page)).toEqual([]);
    await accessible(page, `${locale} ${width}`);
    await page.getByRole('button', { name: send }).click();
    await page.getByRole('dialog').waitFor();
    expect(await clipped(page)).toEqual([]);
    await accessible(page, `${locale} ${width} report`);
  });
});

it('`?locale=` goes before the browser’s language', async () => {
  const { page } = await open(browser, { account: store.account, path: '/?locale=es' });
  await page.getByRole('heading', { name: 'Campañas de WhatsApp' }).waitFor();
});

describe('in the dark', () => {
  it('follows the system and breaks no rule of axe', async () => {
    const { page } = await open(browser, { account: store.account, colorScheme: 'dark' });
    await figuresShown(page);
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe('rgb(20, 20, 20)');
    await accessible(page, 'dark');
    await page.locator('.range-button').click();
    await page.getByRole('grid').first().waitFor();
    await accessible(page, 'dark calendar');
    await page.keyboard.press('Escape');
    await page.getByRole('grid').first().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Enviar relatório' }).click();
    await page.getByRole('dialog').waitFor();
    await accessible(page, 'dark report');
  });
});

describe('loading', () => {
  it.each([
    [1280, 'overview'],
    [390, 'overview'],
    [1280, 'purchases'],
    [390, 'purchases'],
    [390, 'schedules'],
  ])('moves nothing that is already shown: %i px, %s', async (width, view) => {
    const { page } = await open(browser, {
      account: store.account,
      path: `/?view=${view}`,
      viewport: { width, height: 844 },
      before: async (fresh) => {
        for (const [path, millis] of [[/\/account$/, 100], [/\/campaigns$/, 300], [/\/metrics\?/, 600], [/\/orders\?/, 400], [/\/report-schedules$/, 300]] as const) {
          await fresh.route(path, async (route) => {
            await new Promise((resolve) => setTimeout(resolve, millis));
            await route.continue();
          });
        }
        await fresh.addInitScript(() => {
          const shifts = ((globalThis as unknown as { shifts: number[] }).shifts = []) as number[];
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
          }).observe({ type: 'layout-shift', buffered: true });
        });
      },
    });
    await page.locator('.table-card .table, .table-card .panel-note').waitFor();
    if (view === 'overview') await figuresShown(page);
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => document.fonts.ready);
    const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts);
    expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.05);
  });

  it('asks nothing of another origin and breaks no content security policy', async () => {
    const { page, faults } = await open(browser, { account: store.account });
    await figuresShown(page);
    await page.locator('.range-button').click();
    await page.getByRole('grid').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('grid').first().waitFor({ state: 'detached' });
    await openMenu(page, 'Carrinho abandonado', 'Editar');
    await page.getByRole('dialog').getByRole('button', { name: /Idioma/ }).click();
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('option').first().waitFor({ state: 'detached' });
    await focusIn(page, '[role="dialog"]');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Compras' }).click();
    await page.getByRole('table').waitFor();
    await page.getByRole('link', { name: 'Relatórios programados' }).click();
    await page.getByText('Nenhum relatório programado').waitFor();
    expect(faults).toEqual([]);
    // What was kept is the strict policy that is written down, not a milder one.
    const { headers } = await fetch(STACK_URL);
    expect(headers.get('content-security-policy')).toBe(readFileSync('CSP.txt', 'utf8').trim());
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
  });
});

it('moves nothing when motion is to be reduced', async () => {
  const { page } = await open(browser, { account: store.account, reducedMotion: 'reduce' });
  await figuresShown(page);
  await page.getByRole('button', { name: 'Enviar relatório' }).click();
  await page.getByRole('dialog').waitFor();
  const moving = await page.evaluate(() => document.getAnimations().filter((each) => each.playState === 'running').length);
  expect(moving).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // While figures are awaited nothing pulses.
  await page.route(/\/metrics\?/, () => undefined);
  await page.goto('about:blank');
  await page.goBack();
  await page.locator('.figures .skeleton').first().waitFor();
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});
