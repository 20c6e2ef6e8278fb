import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, figuresShown, focusOn, open, openMenu, overflowing, toast } from './page';
import { Store, type Seeded } from './stack';

// Small things that made the page feel unfinished.

let browser: Browser;
let store: Store;
let seeded: Seeded;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  seeded = await store.seed();
});

afterAll(() => browser.close());

/** Boxes whose content is wider than they are. */
const cut = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.page, .modal, .dialog-body, .card, .chip, .toast, .popover')]
      .filter((box) => box.scrollWidth > box.clientWidth + 1)
      .map((box) => `${box.className}: ${box.scrollWidth} > ${box.clientWidth}`),
  );

describe.each([1280, 390])('a name of 80 letters without a break, at %i px', (width) => {
  it('cuts no dialog and widens no page', async () => {
    const long = await Store.make();
    const { campaignId, name } = await long.campaign({ name: 'W'.repeat(80) });
    await long.call('POST', '/report-schedules', {
      email: `${'w'.repeat(60)}@loja.example`,
      frequency: 'weekly',
      campaignId,
    });
    const fits = async (state: string): Promise<void> => {
      expect(await cut(page), state).toEqual([]);
      expect(await overflowing(page), state).toBe(false);
    };
    const { page } = await open(browser, {
      account: long.account,
      path: `/?campaign=${campaignId}`,
      viewport: { width, height: 844 },
    });
    await figuresShown(page);
    await page.getByText('Só a campanha WWW').waitFor();
    await page.getByRole('button', { name, exact: true }).waitFor();
    await fits('overview');
    for (const action of ['Editar', 'Pausar', 'Histórico']) {
      await openMenu(page, name, action);
      await page.locator('.dialog').waitFor();
      await fits(action);
      if (action === 'Editar') {
        await page.getByRole('dialog').getByLabel('Nome').fill('V'.repeat(80));
        await page.getByRole('button', { name: 'Continuar' }).click();
        await page.getByText('Nome: de').waitFor();
        await fits('confirm');
      }
      await page.keyboard.press('Escape');
      await page.locator('.dialog').waitFor({ state: 'detached' });
    }
    await page.getByRole('button', { name: 'Enviar relatório' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: `${name} Campanha` })
      .waitFor();
    await fits('report');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Relatórios programados' }).click();
    await page.getByRole('cell', { name }).waitFor();
    await fits('schedules');
    await page.getByRole('button', { name: 'Programar relatório' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Campanha/ })
      .click();
    await page.getByRole('option', { name }).waitFor();
    await fits('list of campaigns');
    await page.getByRole('option', { name }).click();
    await fits('chosen campaign');
  });
});

it('what the set-up refuses is said in the page’s language below its field, which gets the focus', async () => {
  const empty = await Store.open();
  const { page } = await open(browser, { account: empty.account });
  const save = page.getByRole('button', { name: 'Salvar e começar' });
  await save.click();
  await page.getByText('Informe o endereço completo da loja').waitFor();
  await focusOn(page, 'Endereço da loja');
  await page.getByLabel('Endereço da loja').fill('https://loja.example/?a=1');
  await page.getByLabel('IDs dos números').fill('12a');
  await save.click();
  await page.getByText('Cada ID tem de 1 a 50 dígitos').waitFor();
  await focusOn(page, 'IDs dos números de WhatsApp');
  await page.getByLabel('IDs dos números').fill('5550100999');
  await save.click();
  // The API alone knows that an address has no query.
  await page.getByText('Informe o endereço completo da loja').waitFor();
  await focusOn(page, 'Endereço da loja');
  expect(await page.locator('main').textContent()).not.toMatch(/must|https, a host/i);
  await accessible(page, 'set-up refused');
});

describe('a notice', () => {
  it('leaves the last row in reach, and takes the place of the one before', async () => {
    const { page } = await open(browser, { account: store.account, viewport: { width: 1280, height: 700 } });
    await figuresShown(page);
    for (const name of ['Primeira nova', 'Segunda nova']) {
      await page.getByRole('button', { name: 'Nova campanha' }).click();
      await page.getByRole('dialog').getByLabel('Nome').fill(name);
      await page.getByRole('dialog').getByRole('button', { name: 'Criar campanha' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await toast(page, `Campanha ${name} criada`);
    }
    // It stays while the pointer is on it.
    await page.locator('.toast').hover();
    expect(await page.locator('.toast').count()).toBe(1);
    await page.getByRole('button', { name: 'Ações de Segunda nova' }).waitFor();
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    const notice = await page.locator('.toast').boundingBox();
    const row = await page.getByRole('row').last().boundingBox();
    expect((row?.y ?? 0) + (row?.height ?? 0)).toBeLessThanOrEqual(notice?.y ?? 0);
    await page.getByRole('button', { name: 'Fechar' }).click();
    await page.locator('.toast').waitFor({ state: 'detached' });
  });
});

it('a notice that comes while the last row is looked at leaves it in sight', async () => {
  const { page } = await open(browser, { account: store.account, viewport: { width: 1280, height: 700 } });
  await figuresShown(page);
  const row = page.getByRole('row').last();
  await row.waitFor();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await row.getByRole('button', { name: /^Ações de/ }).click();
  await page.getByRole('menuitem', { name: 'Pausar' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Confirmar' }).click();
  await toast(page, 'pausada');
  await page.locator('.toast').hover();
  await expect
    .poll(async () => {
      const [over, under] = await Promise.all([page.locator('.toast').boundingBox(), row.boundingBox()]);
      return (under?.y ?? 0) + (under?.height ?? 0) <= (over?.y ?? 0);
    })
    .toBe(true);
  await page.getByRole('button', { name: 'Fechar' }).click();
  await page.locator('.toast').waitFor({ state: 'detached' });
});

describe('trying again', () => {
  it('isn’t offered where it can’t help: a refusal', async () => {
    const forbidden = { status: 403, code: 'insufficient-scope', requestId: 'req-1' };
    const { page } = await open(browser, {
      account: store.account,
      before: (fresh) =>
        fresh.route(/\/metrics\?/, (route) => route.fulfill({ status: 403, json: forbidden })).then(() => undefined),
    });
    await page.getByText('Seu usuário não tem permissão').waitFor();
    expect(await page.getByRole('button', { name: 'Tentar de novo' }).count()).toBe(0);
    await accessible(page, 'figures refused');
  });

  it('isn’t offered for a campaign that the store doesn’t have, but all campaigns are', async () => {
    const { page } = await open(browser, {
      account: store.account,
      path: '/?campaign=00000000-0000-4000-8000-000000000000',
    });
    await page.getByText('Esta campanha não existe nesta loja').waitFor();
    await page.getByText('Só uma campanha que esta loja não tem').waitFor();
    expect(await page.getByRole('button', { name: 'Tentar de novo' }).count()).toBe(0);
    await accessible(page, 'unknown campaign');
    await page.getByRole('alert').getByRole('button', { name: 'Ver todas as campanhas' }).click();
    await figuresShown(page);
  });
});

it('forced colours show which filter is chosen', async () => {
  const { page } = await open(browser, { account: store.account, forcedColors: 'active' });
  await figuresShown(page);
  const ground = (name: string): Promise<string> =>
    page.getByRole('button', { name, exact: true }).evaluate((button) => getComputedStyle(button).backgroundColor);
  await page.getByRole('button', { name: 'Ativas', exact: true }).click();
  await page.mouse.move(0, 0);
  expect(await ground('Ativas')).not.toBe(await ground('Pausadas'));
  const underline = (name: string): Promise<string> =>
    page.getByRole('link', { name }).evaluate((tab) => getComputedStyle(tab).borderBottomColor);
  expect(await underline('Visão geral')).not.toBe(await underline('Compras'));
});

it('an order that died doesn’t count, in the whole dialog', async () => {
  const gone = await Store.make();
  const { clicked } = await gone.seed();
  const { page } = await open(browser, { account: gone.account, path: '/?view=purchases' });
  await page.getByRole('link', { name: new RegExp(clicked) }).waitFor();
  const now = new Date().toISOString();
  const data = {
    orderGroup: clicked,
    orderId: `${clicked}-01`,
    status: 'canceled',
    createdAt: now,
    changedAt: now,
    currency: 'BRL',
    value: 11980,
    items: [],
  };
  await gone.events([{ type: 'order.updated', hoursAgo: 0, data }]);
  await page.getByRole('link', { name: new RegExp(clicked) }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Não conta: o pedido está incompleto, ou foi cancelado ou substituído, ou falhou.').waitFor();
  expect(await dialog.getByRole('heading', { level: 1 }).textContent()).toBe(`Pedido ${clicked}`);
});

it('the history tells who: oneself, not a token’s subject', async () => {
  const { page } = await open(browser, { account: store.account });
  await openMenu(page, seeded.campaign.name, 'Histórico');
  await page
    .getByRole('dialog')
    .getByText(/^Você, /)
    .waitFor();
});

it('says at the top when the figures were refreshed', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  const said = await page.getByText(/Atualizado às/).boundingBox();
  const figures = await page.locator('.figures').boundingBox();
  expect(said?.y).toBeLessThan(figures?.y ?? 0);
});
