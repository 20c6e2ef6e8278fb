import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, open, overflowing } from './page';
import { Store, tick } from './stack';

/** No other test takes this number. */
const NUMBER = '5550100209';

/** Carts by what becomes of them. */
const CARTS = {
  reminded: 'a'.repeat(32),
  small: 'b'.repeat(32),
  nobody: 'c'.repeat(32),
  anonymous: 'd'.repeat(32),
  waiting: 'e'.repeat(32),
};

let browser: Browser;
let store: Store;

/** What a store's backend tells of a cart that was left two hours ago. */
const left = (orderFormId: string, changes: Record<string, unknown> = {}) => ({
  type: 'cart.updated',
  hoursAgo: 0,
  data: {
    orderFormId,
    lastActivityAt: new Date(Date.now() - 2 * 3_600_000).toISOString(),
    reachedPayment: true,
    language: 'pt-BR',
    currency: 'BRL',
    value: 11_980,
    ...changes,
  },
});

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  await store.sends(NUMBER);
  await store.events([
    left(CARTS.reminded, { phone: '+5511985550161' }),
    left(CARTS.small, { phone: '+5511985550162', value: 500 }),
    left(CARTS.nobody),
    left(CARTS.anonymous, { phone: '******0163' }),
    left(CARTS.waiting, { phone: '+5511985550164', lastActivityAt: new Date().toISOString() }),
  ]);
  await tick();
});

afterAll(async () => {
  await store.leave();
  await browser.close();
});

it('shows how many carts came how far, and why others didn’t', async () => {
  const { page, faults } = await open(browser, { account: store.account });
  await page.getByRole('link', { name: 'Carrinhos', exact: true }).click();
  const step = (name: string): Promise<string | null> =>
    page.locator(`.funnel-step.${name} strong`).textContent({ timeout: 30_000 });
  expect(await Promise.all(['carts', 'eligible', 'accepted'].map(step))).toEqual(['4', '1', '1']);
  await page.getByText('25% dos carrinhos').first().waitFor();
  for (const reason of [
    'O carrinho não tem telefone',
    'O telefone está mascarado',
    'O carrinho vale menos que o mínimo',
  ])
    await page
      .getByRole('row', { name: new RegExp(reason) })
      .getByText('25%')
      .waitFor();
  await accessible(page, 'carts');
  expect(await overflowing(page)).toBe(false);
  expect(faults).toEqual([]);
});

it('fits a phone', async () => {
  const { page } = await open(browser, {
    account: store.account,
    path: '/?view=carts',
    viewport: { width: 390, height: 844 },
  });
  await page.getByRole('row', { name: /O carrinho não tem telefone/ }).waitFor();
  expect(await overflowing(page)).toBe(false);
  await accessible(page, 'carts on a phone');
});
