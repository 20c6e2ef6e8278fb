import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, figuresShown, focusIn, open, openMenu, overflowing, toast } from './page';
import { Store, type Seeded } from './stack';

// The states that no other test judges on its way.

let browser: Browser;
let store: Store;
let seeded: Seeded;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  seeded = await store.seed();
});

afterAll(() => browser.close());

async function fail(page: Page, path: RegExp, status = 500): Promise<void> {
  await page.route(path, (route) => route.fulfill({ status, json: { code: 'internal', requestId: 'req-1' } }));
}

const dialog = (page: Page): Promise<void> => page.locator('.dialog').waitFor();

it('menu, help, lists and notices break no rule', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await page.getByRole('button', { name: 'O que é: Total de cliques' }).click();
  await page.getByRole('tooltip').waitFor();
  await accessible(page, 'help');
  await page.getByRole('button', { name: `Ações de ${seeded.campaign.name}` }).click();
  await page.getByRole('menu').waitFor();
  await accessible(page, 'menu');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Nova campanha' }).click();
  await dialog(page);
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Idioma/ })
    .click();
  await page.getByRole('listbox').waitFor();
  await accessible(page, 'list of a select');
  await page.keyboard.press('Escape');
  await page.getByRole('listbox').waitFor({ state: 'detached' });
  await page.getByRole('dialog').getByLabel('Nome').fill('Com aviso');
  await page.getByRole('dialog').getByRole('button', { name: 'Criar campanha' }).click();
  await toast(page, 'Campanha Com aviso criada');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await accessible(page, 'notice');
});

it('the steps of an edit break no rule', async () => {
  const { page } = await open(browser, { account: store.account });
  await openMenu(page, seeded.campaign.name, 'Editar');
  await dialog(page);
  await accessible(page, 'edit');
  await page.getByRole('button', { name: 'Continuar' }).click();
  await page.getByText('Altere algo para continuar').waitFor();
  await accessible(page, 'edit without a change');
  await page.getByRole('dialog').getByLabel('Nome').fill('');
  await page.getByText('Informe um nome').waitFor();
  await accessible(page, 'edit without a name');
});

it('a change that fails breaks no rule, and can be given up', async () => {
  const { page } = await open(browser, { account: store.account });
  await fail(page, /\/pause$/);
  await openMenu(page, seeded.campaign.name, 'Pausar');
  await page.getByRole('button', { name: 'Confirmar' }).click();
  await page.getByRole('alert').waitFor();
  await accessible(page, 'pause failed');
  await focusIn(page, '[role="alertdialog"]');
  await page.keyboard.press('Escape');
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
});

it('purchases break no rule: none, failed, why not to be had', async () => {
  const { page } = await open(browser, { account: store.account, path: '/?view=purchases&range=today' });
  await page.getByText('Nenhuma compra neste período').waitFor();
  await accessible(page, 'no purchases');
  await fail(page, /\/orders\//);
  await page.goto(page.url().replace('range=today', 'range=last7'));
  await page.getByRole('link', { name: `Por que conta: pedido ${seeded.clicked}` }).click();
  await page.getByRole('dialog').getByText('Não foi possível carregar esta parte').waitFor();
  await accessible(page, 'why failed');
  await fail(page, /\/orders\?/);
  await page.reload();
  // The dialog's address is the page's: it stands before the list again.
  await page.getByText('Não foi possível carregar esta parte').first().waitFor();
  await accessible(page, 'purchases failed');
});

it('schedules break no rule: deleting one, failed', async () => {
  await store.call('POST', '/report-schedules', { email: 'ana@loja.example', frequency: 'weekly' });
  const { page } = await open(browser, { account: store.account, path: '/?view=schedules' });
  await page.getByRole('button', { name: /Ações do relatório/ }).click();
  await page.getByRole('menuitem', { name: 'Excluir' }).click();
  await dialog(page);
  await accessible(page, 'deleting a schedule');
  await fail(page, /\/report-schedules$/);
  await page.reload();
  await page.getByText('Não foi possível carregar esta parte').waitFor();
  await accessible(page, 'schedules failed');
});

it('a phone gets the same tables in blocks, without scrolling sideways', async () => {
  const viewport = { width: 390, height: 844 };
  const { page } = await open(browser, { account: store.account, viewport, isMobile: true, hasTouch: true });
  await figuresShown(page);
  const row = page.getByRole('row', { name: seeded.campaign.name });
  await row.waitFor();
  // Still a table to a screen reader, with every label and figure in sight.
  expect(await page.getByRole('columnheader').count()).toBeGreaterThan(5);
  for (const cell of await row.getByRole('cell').all()) {
    const box = await cell.boundingBox();
    if (box) expect(box.x + box.width).toBeLessThanOrEqual(viewport.width);
  }
  const label = await row
    .getByRole('cell')
    .nth(1)
    .evaluate((cell) => getComputedStyle(cell, '::before').content);
  expect(label).not.toBe('none');
  await accessible(page, 'overview on a phone');
  await page.getByRole('button', { name: 'O que é: Mensagens entregues' }).tap();
  await page.getByRole('tooltip').getByText('chegaram com êxito').waitFor();
  await page.getByRole('button', { name: 'Ver como tabela' }).tap();
  await page.locator('.daily-table').waitFor();
  expect(await page.locator('.daily-table').evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true);
  await accessible(page, 'daily table on a phone');
  for (const [view, title] of [
    ['Compras', 'Compras do período'],
    ['Relatórios programados', 'Um email às 6h'],
  ] as const) {
    await page.getByRole('link', { name: view }).tap();
    await page.getByText(title).waitFor();
    await page.locator('.table-card .table').waitFor();
    expect(await overflowing(page)).toBe(false);
    expect(await page.locator('.table-scroll').evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true);
    await accessible(page, `${view} on a phone`);
  }
});
