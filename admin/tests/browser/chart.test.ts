import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import ptBR from '../../src/messages/pt-BR.json';
import { FIGURES } from '../../src/overview/figures';
import { launch } from './chromium.mjs';
import { accessible, figuresShown, focused, open, overflowing, tabTo } from './page';
import { daysAgo, Store, type Seeded } from './stack';

let browser: Browser;
let store: Store;
let seeded: Seeded;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  seeded = await store.seed();
});

afterAll(() => browser.close());

const title = (page: Page): Promise<string | null> => page.locator('#chart-title').textContent();

/** Presses a figure below its number. */
const pressFigure = (page: Page, id: string): Promise<void> =>
  page.locator(`[data-figure="${id}"]`).click({ position: { x: 20, y: 70 } });

it('shows the figure that is pressed, money by currency, and goes back', async () => {
  const { page, faults } = await open(browser, { account: store.account });
  await figuresShown(page);
  expect(await title(page)).toBe('Evolução diária');
  for (const { id, label, kind } of FIGURES) {
    // Anywhere on the figure will do.
    await pressFigure(page, id);
    await expect.poll(() => title(page)).toBe(`${ptBR[label]} · Evolução diária`);
    expect(new URL(page.url()).searchParams.get('figure')).toBe(id);
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toContain(`${ptBR[label]}: `);
    if (kind === 'money') expect(await page.locator('.series').count()).toBe(id === 'conversionValue' ? 2 : 1);
  }
  await accessible(page, 'chart of a figure');
  await page.getByRole('button', { name: 'Ver mensagens e conversões' }).click();
  await expect.poll(() => title(page)).toBe('Evolução diária');
  await page.goBack();
  await expect.poll(() => title(page)).toContain('Valor total');
  expect(faults).toEqual([]);
});

it('has conversions on a scale of their own, dashes today, and hatches no whole range', async () => {
  const { page } = await open(browser, { account: store.account, path: '/?range=last7' });
  await figuresShown(page);
  expect(await page.locator('.chart > svg').count()).toBe(3);
  expect(await page.locator('.chart .series-line.open').count()).toBe(4);
  expect(await page.locator('.chart pattern').count()).toBe(0);
  await page.goto(page.url().replace('last7', 'last30'));
  await figuresShown(page);
  expect(await page.locator('.chart pattern').count()).toBeGreaterThan(0);
  await page.goto(page.url().replace('range=last30', `from=${daysAgo(6)}&to=${daysAgo(1)}`));
  await figuresShown(page);
  expect(await page.locator('.chart .series-line.open').count()).toBe(0);
});

it('shows weeks beyond 60 days, months beyond half a year, and distinct shoppers by day', async () => {
  const { page } = await open(browser, { account: store.account, path: '/?range=last90' });
  await figuresShown(page);
  expect(await title(page)).toBe('Evolução semanal');
  expect(Number(await page.getByRole('slider').getAttribute('aria-valuemax'))).toBeLessThanOrEqual(14);
  await pressFigure(page, 'uniqueClicks');
  await expect.poll(() => title(page)).toBe('Cliques únicos · Evolução diária');
  expect(await page.getByRole('slider').getAttribute('aria-valuemax')).toBe('90');
  const year = new URL(page.url());
  for (const name of ['range', 'figure']) year.searchParams.delete(name);
  year.searchParams.set('from', daysAgo(300));
  year.searchParams.set('to', daysAgo(0));
  await page.goto(year.href);
  await figuresShown(page);
  expect(await title(page)).toBe('Evolução mensal');
});

it('marks where a campaign was paused', async () => {
  const { campaignId, name } = seeded.campaign;
  await store.call('POST', `/campaigns/${campaignId}/pause`);
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await page.locator('.chart .change-mark').waitFor({ state: 'attached' });
  expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toContain(`${name}: pausada`);
  await store.call('POST', `/campaigns/${campaignId}/resume`);
});

it('is saved as data and as a picture', async () => {
  const { page, faults } = await open(browser, { account: store.account, path: '/?range=last7&figure=sent' });
  await figuresShown(page);
  const save = async (entry: string): Promise<Buffer> => {
    await page.getByRole('button', { name: 'Salvar o gráfico' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: entry }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^whatsapp-sent-[\d-]+\.(csv|png)$/);
    return readFileSync(await download.path());
  };
  const { days } = await store.metrics(daysAgo(6), daysAgo(0));
  const lines = days.map(({ day, sent }) => `${day},${day},${sent}`);
  expect((await save('Salvar dados (CSV)')).toString('utf8').trim().split('\r\n')).toEqual([
    'de,até,Mensagens enviadas',
    ...lines,
  ]);
  const picture = await save('Salvar imagem (PNG)');
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  expect(picture.readUInt32BE(16)).toBe(2400);
  expect(faults).toEqual([]);
});

it('fits a phone, also for a figure of two currencies', async () => {
  const viewport = { width: 390, height: 844 };
  const { page } = await open(browser, { account: store.account, path: '/?figure=conversionValue', viewport });
  await figuresShown(page);
  expect(await overflowing(page)).toBe(false);
  await accessible(page, 'chart of money on a phone');
});

it('takes one stop of the keyboard for each figure, and none for its question mark', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await tabTo(page, 'Mensagens enviadas');
  await page.getByRole('tooltip').getByText(ptBR['figure.sent.help']).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('tooltip').waitFor({ state: 'detached' });
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Mensagens entregues');
  await page.getByRole('tooltip').getByText(ptBR['figure.delivered.help']).waitFor();
  await accessible(page, 'figure with the focus');
  await page.keyboard.press('Enter');
  await expect.poll(() => title(page)).toContain('Mensagens entregues');
  expect(await page.locator('.figures button:not([tabindex="-1"])').count()).toBe(FIGURES.length);
});
