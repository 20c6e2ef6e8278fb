import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/api/types';
import { FIGURES } from '../../src/overview/figures';
import { launch } from './chromium.mjs';
import { accessible, figure, figuresShown, open, overflowing, toast } from './page';
import { daysAgo, Store } from './stack';

let browser: Browser;
let store: Store;

/** Hours from a time of a store day until now. */
const since = (days: number, time: string): number =>
  (Date.now() - Date.parse(`${daysAgo(days)}T${time}-03:00`)) / 3_600_000;

/** Somebody's reminder of a day, delivered, and what became of it. */
async function remind(
  days: number,
  {
    order,
    ...done
  }: { read?: boolean; clicked?: boolean; order?: { value: number; currency: string; hoursAgo: number } },
  campaignId: string,
): Promise<void> {
  const run = randomUUID().replaceAll('-', '');
  const reminderId = `wamid.${run}`;
  const on = (time: string, type: string, data: Record<string, unknown>) => ({
    type,
    hoursAgo: since(days, time),
    data: { reminderId, ...data },
  });
  await store.events([
    on('12:00:00', 'reminder.sent', { campaignId, userId: run, orderFormId: run, checkoutItems: [] }),
    on('12:00:05', 'reminder.status', { status: 'delivered' }),
    ...(done.read ? [on('12:10:00', 'reminder.status', { status: 'read' })] : []),
    ...(done.clicked ? [on('12:20:00', 'reminder.clicked', { clickId: run, kind: 'link' })] : []),
  ]);
  if (!order) return;
  const at = new Date(Date.now() - order.hoursAgo * 3_600_000).toISOString();
  await store.events([
    {
      type: 'order.updated',
      hoursAgo: order.hoursAgo,
      data: {
        orderGroup: run,
        orderId: `${run}-01`,
        status: 'payment-approved',
        createdAt: at,
        changedAt: at,
        orderFormId: run,
        currency: order.currency,
        value: order.value,
        items: [],
      },
    },
  ]);
}

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  const { campaignId } = await store.campaign();
  const then = since(2, '15:00:00');
  await remind(2, { read: true, clicked: true, order: { value: 100_00, currency: 'BRL', hoursAgo: then } }, campaignId);
  await remind(2, { read: true, order: { value: 5000, currency: 'CLP', hoursAgo: then } }, campaignId);
  // Yesterday's messages can't have brought anything so late yet.
  await remind(2, { order: { value: 70_00, currency: 'BRL', hoursAgo: 1 } }, campaignId);
  await remind(
    1,
    { read: true, clicked: true, order: { value: 150_00, currency: 'BRL', hoursAgo: since(1, '15:00:00') } },
    campaignId,
  );
  await remind(1, {}, campaignId);
});

afterAll(() => browser.close());

/** Without the spaces that don't break. */
const plain = (texts: string[]): string[] => texts.map((text) => text.replaceAll(/\s/g, ' '));

const changes = (page: Page, id: string): Promise<string[]> =>
  page.locator(`[data-figure="${id}"] .figure-change > [aria-hidden]`).allTextContents();
const before = (page: Page, id: string): Promise<string[]> =>
  page.locator(`[data-figure="${id}"] .figure-before`).allInnerTexts();

describe('a comparison', () => {
  it('shows every figure of yesterday beside the day before, as of the same age', async () => {
    const { page, faults } = await open(browser, { account: store.account });
    await figuresShown(page);
    await page.getByRole('button', { name: /^Período/ }).click();
    await page.getByRole('button', { name: 'Ontem' }).click();
    await page.locator('[data-figure="sent"] .figure-before').getByText('antes: 3').waitFor();
    for (const { id } of FIGURES) expect((await before(page, id)).length, id).toBeGreaterThan(0);
    // Three purchases by now, of which the third came after the point.
    expect(await figure(page, 'conversions')).toEqual(['1']);
    expect(await before(page, 'conversions')).toEqual(['antes: 2']);
    expect(await changes(page, 'conversions')).toEqual(['↓ 50%']);
    expect(await changes(page, 'sent')).toEqual(['↓ 33,3%']);
    // What fell to zero stays.
    expect(plain(await figure(page, 'conversionValue'))).toEqual(['R$ 150,00', 'CLP 0']);
    expect(await changes(page, 'conversionValue')).toEqual(['↑ 50%', '↓ 100%']);
    expect(plain(await before(page, 'conversionValue'))).toEqual(['antes: R$ 100,00', 'antes: CLP 5.000']);
    // What can't be told as of the same age is marked.
    for (const { id } of FIGURES) {
      const marked = await page.locator(`[data-figure="${id}"] .unripe-mark`).count();
      expect(marked > 0, id).toBe(['delivered', 'read', 'uniqueClicks', 'totalClicks'].includes(id));
    }
    await accessible(page, 'yesterday compared');
    expect(faults).toEqual([]);
  });

  it('is chosen from a menu, kept in the address, and says where there is nothing to compare with', async () => {
    const { page } = await open(browser, { account: store.account, path: '/?range=yesterday' });
    await page.locator('.figure-before').first().waitFor();
    const menu = page.getByRole('combobox', { name: 'Comparar com' });
    expect(await menu.locator('option').allTextContents()).toEqual([
      'Período anterior',
      'Mesmos dias da semana antes',
      'Mesmos dias do mês passado',
      'Mesmos dias do ano passado',
      'Nada',
    ]);
    await menu.selectOption({ label: 'Mesmos dias do ano passado' });
    await page.getByText('nenhuma mensagem nesses dias').waitFor();
    expect(new URL(page.url()).searchParams.get('compare')).toBe('lastYear');
    await menu.selectOption({ label: 'Nada' });
    await expect.poll(() => page.locator('.figure-before').count()).toBe(0);
    await menu.selectOption({ label: 'Período anterior' });
    await page.locator('.figure-before').first().waitFor();
    expect(new URL(page.url()).searchParams.has('compare')).toBe(false);
    await page.getByRole('button', { name: /^Período/ }).click();
    await page.getByRole('button', { name: 'Este mês' }).click();
    await expect.poll(() => menu.inputValue()).toBe('lastMonth');
  });

  it('tells no change of what is still being made today', async () => {
    const { page } = await open(browser, { account: store.account, path: '/?range=today' });
    await page.locator('.figure-before').first().waitFor();
    expect(await before(page, 'sent')).toHaveLength(1);
    expect(await changes(page, 'sent')).toEqual([]);
    // Purchases are compared as of the same age: yesterday had brought one from three o'clock on.
    const isPast = since(1, '15:00:00') > 24;
    expect(await changes(page, 'conversions')).toEqual(isPast ? ['↓ 100%'] : []);
  });

  it('stands behind the chart as a thin line, and beside one day as a thin bar', async () => {
    const { page } = await open(browser, {
      account: store.account,
      path: `/?from=${daysAgo(1)}&to=${daysAgo(0)}&figure=sent`,
    });
    await page.locator('.chart .before-line').waitFor({ state: 'attached' });
    await page.getByRole('slider').focus();
    await page.keyboard.press('Home');
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toMatch(/Mensagens enviadas: 2 \(antes 0\)/);
    await page.keyboard.press('End');
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toMatch(/Mensagens enviadas: 0 \(antes 3\)/);
    await accessible(page, 'chart compared');
    await page.goto(`${page.url().split('?')[0]}?account=${store.account}&range=yesterday&figure=sent`);
    await page.locator('.bar-before').waitFor();
    expect(await page.locator('.bar-row dd').allInnerTexts()).toEqual(['2', '3']);
  });

  it('fits a phone', async () => {
    const viewport = { width: 390, height: 844 };
    const { page } = await open(browser, { account: store.account, path: '/?range=yesterday', viewport });
    await page.locator('.figure-before').first().waitFor();
    expect(await overflowing(page)).toBe(false);
    await accessible(page, 'comparison on a phone');
  });
});

describe('the price of a message', () => {
  const worth = (page: Page, label: string): Promise<string> =>
    page.locator('.funnel-worth > div', { hasText: label }).locator('dd').first().innerText();

  it('is set on the overview, and tells cost and return where one currency answers', async () => {
    const { page, faults } = await open(browser, { account: store.account, path: '/?range=yesterday' });
    await figuresShown(page);
    await page.getByRole('button', { name: 'Definir o preço da mensagem' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Preço por mensagem entregue' }).fill('zero');
    await dialog.getByRole('button', { name: 'Salvar' }).click();
    await dialog.getByText('Informe um preço acima de zero').waitFor();
    await accessible(page, 'wrong price');
    await dialog.getByRole('textbox', { name: 'Preço por mensagem entregue' }).fill('0,125');
    await dialog.getByRole('button', { name: 'Salvar' }).click();
    await toast(page, 'Preço salvo');
    // Two delivered at 0.125; 150.00 for 0.25.
    await page.getByRole('button', { name: 'R$ 0,125 por mensagem' }).waitFor();
    expect(plain([await worth(page, 'Custo das mensagens')])).toEqual(['R$ 0,25']);
    expect(await worth(page, 'Retorno (ROI)')).toBe('59.900%');
    await accessible(page, 'cost and return');
    // Two currencies: nobody can say.
    await page.goto(`${page.url().split('?')[0]}?account=${store.account}&from=${daysAgo(2)}&to=${daysAgo(1)}`);
    await page.getByText('não há valor médio, custo nem retorno').waitFor();
    expect(await worth(page, 'Retorno (ROI)')).toBe('–');
    expect(faults).toEqual([]);
  });

  it('stays when other settings are saved', async () => {
    const { page } = await open(browser, { account: store.account, path: '/?view=settings' });
    const saved = page.waitForResponse((response) => response.request().method() === 'PUT');
    await page.locator('.setup-form button[type="submit"]').click();
    expect((await saved).status()).toBe(200);
    const { messagePrices } = (await store.call('GET', '/account')) as Account;
    expect(messagePrices).toEqual([{ currency: 'BRL', price: '0.125' }]);
  });
});
