import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, figuresShown, open, openMenu, overflowing } from './page';
import { Store } from './stack';

let browser: Browser;
/** Two campaigns: one sells more, the other more with each message. */
let store: Store;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  await store.sell('Vende muito', { delivered: 4, orders: [10_000, 12_000] });
  await store.sell('Vende bem', { delivered: 1, orders: [15_000] });
  await store.campaign({ name: 'Ainda nada' });
});

afterAll(() => browser.close());

/** The names in the order of the rows. */
const names = (page: Page): Promise<string[]> => page.locator('.campaigns-table .name-button').allTextContents();

const ordered = (page: Page, expected: string[]): Promise<void> => expect.poll(() => names(page)).toEqual(expected);

describe('the campaigns', () => {
  it('are ranked by value, and otherwise by value of a message', async () => {
    const { page } = await open(browser, { account: store.account });
    await figuresShown(page);
    await ordered(page, ['Vende muito', 'Vende bem', 'Ainda nada']);
    const head = page.getByRole('columnheader', { name: 'Por entregue' });
    await head.getByRole('button').click();
    await ordered(page, ['Vende bem', 'Vende muito', 'Ainda nada']);
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    await head.getByRole('button').click();
    await ordered(page, ['Vende muito', 'Vende bem', 'Ainda nada']);
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    await page.getByRole('combobox', { name: 'Ordenar por' }).selectOption({ label: 'Entregues' });
    await ordered(page, ['Vende muito', 'Vende bem', 'Ainda nada']);
    await page.getByRole('combobox', { name: 'Ordenar por' }).selectOption({ label: 'Campanha' });
    await ordered(page, ['Ainda nada', 'Vende bem', 'Vende muito']);
    await accessible(page, 'ranked by name');
  });

  it('tell rates, what they count, and the whole', async () => {
    const { page } = await open(browser, { account: store.account });
    await figuresShown(page);
    const cells = async (row: string): Promise<string[]> =>
      (await page.getByRole('row', { name: row }).getByRole('cell').allInnerTexts()).map((text) =>
        text.replaceAll(/\s+/g, ' ').trim(),
      );
    await ordered(page, ['Vende muito', 'Vende bem', 'Ainda nada']);
    expect(await cells('Vende muito')).toEqual([
      'Ativa',
      '4',
      '100% 4',
      '0% 0',
      '0% 0',
      '50% 2 2 assist. + 0 CTC',
      'R$ 220,00',
      'R$ 55,00',
      '',
    ]);
    expect(await cells('Total de 3 campanhas')).toEqual([
      '',
      '5',
      '100% 5',
      '0% 0',
      '0% 0',
      '60% 3 3 assist. + 0 CTC',
      'R$ 370,00',
      'R$ 74,00',
      '',
    ]);
    expect((await cells('Ainda nada')).slice(1)).toEqual(['0', '– 0', '– 0', '– 0', '– 0', '–', '–', '']);
  });

  it('are found by name, and the whole is then of those found', async () => {
    const { page } = await open(browser, { account: store.account });
    await figuresShown(page);
    await page.getByRole('searchbox').fill('vende');
    await ordered(page, ['Vende muito', 'Vende bem']);
    const total = page.getByRole('row', { name: 'Total de 2 campanhas' });
    // Who clicked in two of them is one shopper: their sum would be none's.
    expect(await total.getByRole('cell').nth(4).textContent()).toBe('–');
    await page.getByRole('searchbox').fill('nenhuma');
    await page.getByText('Nenhuma campanha com este nome').waitFor();
    await accessible(page, 'no campaign found');
  });

  it('bring the figures into view when one is chosen', async () => {
    const { page } = await open(browser, { account: store.account, viewport: { width: 1280, height: 600 } });
    await figuresShown(page);
    await page.getByRole('button', { name: 'Vende bem', exact: true }).click();
    await page.getByText('Só a campanha Vende bem').waitFor();
    await expect
      .poll(async () => (await page.locator('#analytics-title').boundingBox())?.y ?? -1)
      .toBeGreaterThanOrEqual(-1);
  });

  it('have their purchases and their report in the menu', async () => {
    const { page } = await open(browser, { account: store.account });
    await openMenu(page, 'Vende muito', 'Enviar relatório');
    await page.getByRole('dialog').getByRole('button', { name: 'Vende muito Campanha' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await openMenu(page, 'Vende bem', 'Ver compras');
    const chosen = page.getByLabel('Campanha', { exact: true });
    await chosen.waitFor();
    expect(await chosen.locator('option:checked').textContent()).toBe('Vende bem');
    expect(new URL(page.url()).searchParams.get('view')).toBe('purchases');
    await expect.poll(() => page.locator('.purchases-table tbody tr').count()).toBe(1);
  });
});

it.each([1280, 390])('a hundred campaigns take pages, at %i px', async (width) => {
  const many = await Store.make();
  for (let index = 0; index < 100; index++) await many.campaign({ name: `Campanha ${index + 1}` });
  const { page } = await open(browser, { account: many.account, viewport: { width, height: 844 } });
  await figuresShown(page);
  await page.getByText('1–20 de 100').waitFor();
  expect(await names(page)).toHaveLength(20);
  await page.getByRole('button', { name: 'Próxima página' }).click();
  await page.getByText('21–40 de 100').waitFor();
  expect((await names(page))[0]).toBe('Campanha 21');
  await accessible(page, `a hundred campaigns, ${width}`);
  expect(await overflowing(page)).toBe(false);
  await page.getByRole('searchbox').fill('campanha 100');
  await ordered(page, ['Campanha 100']);
  await page.getByText('1–20 de 100').waitFor({ state: 'detached' });
});
