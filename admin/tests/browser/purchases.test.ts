import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, focusOn, open, overflowing, tabTo, toast } from './page';
import { STACK_URL, Store, type Seeded } from './stack';

let browser: Browser;
let store: Store;
let seeded: Seeded;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  seeded = await store.seed();
});

afterAll(() => browser.close());

const LIST = '/?view=purchases&range=last30';

it('finds any order by its number, tells why it counts, and gives it an address of its own', async () => {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const { page, faults } = await open(browser, { account: store.account, path: LIST, permissions });
  const search = page.getByLabel('Número do pedido');
  await page.getByRole('button', { name: 'Buscar pedido' }).click();
  await page.getByText('Informe o número do pedido').waitFor();
  await focusOn(page, 'Número do pedido');
  await accessible(page, 'a search for nothing');
  // As VTEX's Admin shows it: the id of the order's part, with a sign before.
  await search.fill(` #${seeded.clicked}-01 `);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: `Pedido ${seeded.clicked}` });
  await dialog.getByText('Conta como conversão por clique').waitFor();
  const vtex = dialog.getByRole('link', { name: `Abrir na VTEX: ${seeded.clicked}-01` });
  expect(await vtex.getAttribute('href')).toBe(`https://${store.account}.myvtex.com/admin/orders/${seeded.clicked}-01`);
  expect(await dialog.getByText('Camisa de algodão').count()).toBe(0);
  await dialog.getByRole('button', { name: 'Mostrar itens' }).click();
  await dialog.getByText('No carrinho da mensagem').waitFor();
  expect(await dialog.getByText('2 × Camisa de algodão').count()).toBe(2);
  await accessible(page, 'an order with its items');
  await dialog.getByRole('button', { name: 'Copiar link' }).click();
  await toast(page, 'Copiado');
  const address = await page.evaluate(() => navigator.clipboard.readText());
  expect(address).toBe(page.url());
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(new URL(page.url()).searchParams.get('order')).toBeNull();
  await page.goBack();
  await dialog.waitFor();
  expect(faults).toEqual([]);

  // A colleague opens what was mailed.
  const other = await open(browser, { path: address.replace(STACK_URL, '') });
  await other.page
    .getByRole('dialog', { name: `Pedido ${seeded.clicked}` })
    .getByText('Conta como')
    .waitFor();
});

it('tells why an order doesn’t count, and that it knows nothing of another', async () => {
  await store.events([
    {
      type: 'order.updated',
      hoursAgo: 3,
      data: {
        orderGroup: 'v7007',
        orderId: 'v7007-01',
        status: 'payment-approved',
        createdAt: new Date(Date.now() - 3 * 3_600_000).toISOString(),
        changedAt: new Date(Date.now() - 3 * 3_600_000).toISOString(),
        userId: 'nobody-we-know',
        currency: 'BRL',
        value: 5000,
        items: [],
      },
    },
  ]);
  const { page } = await open(browser, { account: store.account, path: `${LIST}&order=v7007` });
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Não conta: nenhuma mensagem tem o mesmo carrinho').waitFor();
  await dialog.getByRole('button', { name: 'Mostrar itens' }).click();
  await dialog.getByText('Nenhum item informado').waitFor();
  await dialog.getByRole('button', { name: 'Fechar' }).last().click();
  await page.getByLabel('Número do pedido').fill('v404');
  await page.getByRole('button', { name: 'Buscar pedido' }).click();
  await dialog.getByText('Não conhecemos este pedido').waitFor();
  await accessible(page, 'an unknown order');
});

it('filters by type, campaign and currency, with count and totals, the newest message first', async () => {
  const { page } = await open(browser, { account: store.account, path: LIST });
  const totals = page.locator('.table-totals');
  const orders = (): Promise<string[]> => page.getByRole('rowheader').allTextContents();
  const both = [seeded.assisted, seeded.clicked].sort();
  await expect.poll(async () => (await orders()).sort()).toEqual(both);
  expect(await totals.textContent()).toBe('2 compras · R$\u00a0119,80 · US$\u00a042,00');
  await page.getByLabel('Tipo', { exact: true }).selectOption('Assistida');
  await expect.poll(orders).toEqual([seeded.assisted]);
  expect(await totals.textContent()).toContain('1 compra · US$');
  await page.getByLabel('Tipo', { exact: true }).selectOption('Todos os tipos');
  await page.getByLabel('Moeda').selectOption('BRL');
  await expect.poll(orders).toEqual([seeded.clicked]);
  expect(await totals.textContent()).toBe('1 compra · R$\u00a0119,80');
  expect(new URL(page.url()).searchParams.get('currency')).toBe('BRL');
  const other = await store.campaign({ name: 'Sem vendas' });
  await page.reload();
  await page.getByLabel('Campanha').selectOption('Sem vendas');
  await page.getByText('Nenhuma compra com estes filtros').waitFor();
  expect(new URL(page.url()).searchParams.get('campaign')).toBe(other.campaignId);
  await accessible(page, 'no purchases with these filters');
  await page.getByRole('button', { name: 'Limpar filtros' }).click();
  await expect.poll(async () => (await orders()).sort()).toEqual(both);
});

it('the newest message comes first, over several pages', async () => {
  const many = await Store.make();
  await many.sell('Muitas', { delivered: 51, orders: Array.from({ length: 51 }, (_, index) => 1000 + index) });
  const { page } = await open(browser, { account: many.account, path: LIST });
  await page.getByRole('row').nth(50).waitFor();
  expect(await page.locator('.table-totals').textContent()).toContain('51 compras');
  await page.getByRole('button', { name: 'Carregar mais' }).click();
  await page.getByRole('row').nth(51).waitFor();
  const shown = await page.getByRole('rowheader').allTextContents();
  expect(shown).toEqual([...shown].sort().reverse());
});

it('is walked by keyboard', async () => {
  const { page } = await open(browser, { account: store.account, path: LIST });
  await page.getByRole('rowheader').first().waitFor();
  await tabTo(page, 'Número do pedido');
  await page.keyboard.type(seeded.assisted);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('Conta como conversão assistida').waitFor();
  await page.keyboard.press('Escape');
  await focusOn(page, 'Número do pedido');
});

it.each(['pt-BR', 'en-US', 'es'])('fits a phone in %s', async (locale) => {
  const { page } = await open(browser, {
    account: store.account,
    path: `${LIST}&order=${seeded.clicked}`,
    viewport: { width: 390, height: 844 },
    locale,
  });
  await page.getByRole('dialog').locator('.facts').waitFor();
  expect(await overflowing(page)).toBe(false);
  await accessible(page, 'an order on a phone');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await overflowing(page)).toBe(false);
  await accessible(page, 'purchases on a phone');
});
