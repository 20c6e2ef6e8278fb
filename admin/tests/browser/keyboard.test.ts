import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { figuresShown, focused, focusIn, focusOn, open, tabTo } from './page';
import { choose, closed, focusAt, press } from './keys';
import { Store, type Seeded } from './stack';

// Without a pointer: nothing here clicks, and nothing is focused but by keys.

let browser: Browser;
let store: Store;
let seeded: Seeded;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  seeded = await store.seed();
});

afterAll(() => browser.close());

it('skips to the content', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await press(page, 'Tab');
  expect(await focused(page)).toBe('Ir para o conteúdo');
  await press(page, 'Enter');
  await focusAt(page, 'main');
});

it('chooses a ready-made range, then days in the calendar', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  const days = page.locator('.range-button');
  await tabTo(page, (await days.getAttribute('aria-label')) ?? '');
  await press(page, 'Enter');
  await focusIn(page, '.calendar-cell');
  await press(page, 'Shift+Tab', 'Shift+Tab', 'Shift+Tab');
  await tabTo(page, '30 dias');
  await press(page, 'Enter');
  await page.waitForURL(/range=last30/);
  await focusIn(page, '.range-button');
  await press(page, 'Enter');
  await focusIn(page, '.calendar-cell');
  await press(page, 'ArrowLeft', 'Enter', 'ArrowLeft', 'Enter');
  await page.waitForURL(/from=\d{4}-\d\d-\d\d&to=/);
  await focusIn(page, '.range-button');
});

it('filters by status, and goes to the heading when the row that had the focus left the list', async () => {
  const { name } = await store.campaign({ name: 'Some' });
  const { page } = await open(browser, { account: store.account });
  const menu = `Ações de ${name}`;
  await page.getByRole('button', { name: menu }).waitFor();
  await tabTo(page, 'Ativas');
  await press(page, 'Enter');
  await choose(page, menu, 'Pausar');
  await focusOn(page, 'Cancelar');
  await press(page, 'Tab', 'Enter');
  await page.getByRole('row', { name }).waitFor({ state: 'detached' });
  await focusAt(page, 'campaigns-title');
});

it('filters to one campaign and back to all', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await page.getByRole('row', { name: seeded.campaign.name }).waitFor();
  await tabTo(page, seeded.campaign.name);
  await press(page, 'Enter');
  await page.getByText(`Só a campanha ${seeded.campaign.name}`).waitFor();
  await focusOn(page, seeded.campaign.name);
  await tabTo(page, 'Ver todas as campanhas');
  await press(page, 'Enter');
  await page.getByText('Só a campanha').waitFor({ state: 'detached' });
  await focusAt(page, 'analytics-title');
});

it('reads the chart, hides a line and shows the table', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await tabTo(page, 'Lidas');
  await press(page, 'Enter');
  expect(await page.getByRole('button', { name: 'Lidas', exact: true }).getAttribute('aria-pressed')).toBe('false');
  while ((await page.evaluate(() => document.activeElement?.getAttribute('role'))) !== 'slider')
    await press(page, 'Tab');
  const before = await page.getByRole('slider').getAttribute('aria-valuetext');
  await press(page, 'ArrowLeft');
  expect(await page.getByRole('slider').getAttribute('aria-valuetext')).not.toBe(before);
  await tabTo(page, 'Ver como tabela');
  await press(page, 'Enter');
  await page.locator('.daily-table').waitFor();
  await focusOn(page, 'Ver como gráfico');
});

it('opens what a figure means, and closes it', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await tabTo(page, 'Cliques únicos');
  await page.getByRole('tooltip').getByText('Quem clica em dois dias conta uma vez só').waitFor();
  await press(page, 'Escape');
  await page.getByRole('tooltip').waitFor({ state: 'detached' });
});

it('looks why a purchase counts', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await tabTo(page, 'Compras');
  await press(page, 'Enter');
  const why = `Por que conta: pedido ${seeded.clicked}`;
  await page.getByRole('link', { name: why }).waitFor();
  await tabTo(page, why);
  await press(page, 'Enter');
  await page.getByText('Conta como conversão por clique').waitFor();
  await focusIn(page, '[role="dialog"]');
  await press(page, 'Escape');
  await closed(page);
  await focusOn(page, why);
});

it('tries again what failed', async () => {
  const { page } = await open(browser, {
    account: store.account,
    before: (fresh) =>
      fresh
        .route(/\/metrics\?/, (route) => route.fulfill({ status: 500, json: { code: 'internal' } }))
        .then(() => undefined),
  });
  await page.getByText('Não foi possível carregar esta parte').waitFor();
  await page.unrouteAll({ behavior: 'wait' });
  await tabTo(page, 'Tentar de novo');
  await press(page, 'Enter');
  await figuresShown(page);
  await focusAt(page, 'analytics-title');
});
