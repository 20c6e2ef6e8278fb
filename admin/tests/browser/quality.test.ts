import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import ptBR from '../../src/messages/pt-BR.json';
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

/** Web Vitals call a page steady up to 0.1. */
const MOST_SHIFT = 0.05;

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
      .filter(
        (element) =>
          !element.classList.contains('help') &&
          element.clientWidth > 1 &&
          element.scrollWidth > element.clientWidth + 1,
      )
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

const VIEWS = [
  [1280, 'overview'],
  [390, 'overview'],
  [1280, 'purchases'],
  [390, 'purchases'],
  [390, 'schedules'],
] as const;

interface Observed {
  observer: PerformanceObserver;
  shifts: number[];
}

/** Opens a view whose parts come one after the other, and sums up what moved. The font comes first or last. */
async function shifted(from: Browser, width: number, view: string, font: 'first' | 'last'): Promise<number> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const { page } = await open(from, {
    account: store.account,
    path: `/?view=${view}`,
    viewport: { width, height: 844 },
    waitUntil: 'commit',
    before: async (fresh) => {
      for (const [path, millis] of [
        [/\/account$/, 100],
        [/\/campaigns$/, 300],
        [/\/metrics\?/, 600],
        [/\/orders\?/, 400],
        [/\/report-schedules$/, 300],
      ] as const) {
        await fresh.route(path, async (route) => {
          await new Promise((resolve) => setTimeout(resolve, millis));
          await route.continue();
        });
      }
      if (font === 'last') await fresh.route(/\.woff2$/, (route) => released.then(() => route.continue()));
      await fresh.addInitScript(() => {
        const shifts: number[] = [];
        const add = (entries: PerformanceEntryList): void => {
          for (const entry of entries) shifts.push((entry as unknown as { value: number }).value);
        };
        const observer = new PerformanceObserver((list) => add(list.getEntries()));
        observer.observe({ type: 'layout-shift', buffered: true });
        Object.assign(globalThis, { observer, shifts });
      });
    },
  });
  const inter = (): Promise<boolean> => page.evaluate(() => document.fonts.check('14px "Inter Variable"'));
  await page.locator('.table-card .table, .table-card .panel-note').waitFor();
  if (view === 'overview') await figuresShown(page);
  if (font === 'last') expect(await inter()).toBe(false);
  release();
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  expect(await inter()).toBe(true);
  return page.evaluate(async () => {
    // What moves is known once its frame is drawn.
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
    const { observer, shifts } = globalThis as unknown as Observed;
    for (const entry of observer.takeRecords()) shifts.push((entry as unknown as { value: number }).value);
    return shifts.reduce((sum, shift) => sum + shift, 0);
  });
}

describe.each([
  ['wide', "'Fallback DejaVu Sans'"],
  ['narrow', "'Fallback Arial'"],
] as const)('set in a %s font until Inter is there', (fallback, adjusted) => {
  let other: Browser;
  beforeAll(async () => {
    other = await launch({ fallback });
  });
  afterAll(() => other.close());

  it.each(VIEWS)('moves nothing when Inter comes last: %i px, %s', async (width, view) => {
    expect(await shifted(other, width, view, 'last')).toBeLessThan(MOST_SHIFT);
  });

  it.each([400, 600])('gives text the width that it will have, at weight %i', async (weight) => {
    const { page } = await open(other, { account: store.account });
    const widths = await page.evaluate(
      async ([text, ...fonts]) => {
        await Promise.all(fonts.map((font) => document.fonts.load(font, text)));
        const context = document.createElement('canvas').getContext('2d');
        return fonts.map((font) => {
          if (context) context.font = font;
          return context?.measureText(text).width ?? 0;
        });
      },
      [
        Object.values(ptBR)
          .join(' ')
          .replaceAll(/\{[^{}]*\}/g, ''),
        `${weight} 20px 'Inter Variable'`,
        `${weight} 20px ${adjusted}`,
      ] as const,
    );
    const [inter = 0, before = 0] = widths;
    expect(before / inter).toBeGreaterThan(0.98);
    expect(before / inter).toBeLessThan(1.02);
  });
});

describe('loading', () => {
  it.each(VIEWS)('moves nothing that is already shown: %i px, %s', async (width, view) => {
    expect(await shifted(browser, width, view, 'first')).toBeLessThan(MOST_SHIFT);
  });

  it('asks for Inter before any text is set, and once', async () => {
    const asked: string[] = [];
    const { page } = await open(browser, {
      account: store.account,
      before: (fresh) => Promise.resolve(void fresh.on('request', (request) => asked.push(request.url()))),
    });
    await figuresShown(page);
    await page.evaluate(() => document.fonts.ready);
    const preloaded = await page
      .locator('link[rel="preload"][as="font"]')
      .evaluateAll((links) => links.map((link) => (link as HTMLLinkElement).href));
    expect(preloaded).toHaveLength(1);
    expect(asked.filter((url) => url.endsWith('.woff2'))).toEqual(preloaded);
  });

  it('asks nothing of another origin and breaks no content security policy', async () => {
    const { page, faults } = await open(browser, { account: store.account });
    await figuresShown(page);
    await page.locator('.range-button').click();
    await page.getByRole('grid').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('grid').first().waitFor({ state: 'detached' });
    await openMenu(page, 'Carrinho abandonado', 'Editar');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Idioma/ })
      .click();
    await page.getByRole('listbox').getByRole('option').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').getByRole('option').first().waitFor({ state: 'detached' });
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
  const moving = await page.evaluate(
    () => document.getAnimations().filter((each) => each.playState === 'running').length,
  );
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
