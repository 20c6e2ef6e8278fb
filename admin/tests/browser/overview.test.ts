import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Money } from '../../src/api/types';
import ptBR from '../../src/messages/pt-BR.json';
import { FIGURES } from '../../src/overview/figures';
import { launch } from './chromium.mjs';
import { accessible, figure, figuresShown, open } from './page';
import { daysAgo, Store, type Seeded } from './stack';

const count = new Intl.NumberFormat('pt-BR');
const money = ({ currency, amount }: Money): string =>
  new Intl.NumberFormat('pt-BR', { style: 'currency', currency }).format(amount as Intl.StringNumericLiteral);

/** The last seven days, fixed: midnight may come between the page's request and the test's. */
const week = (): { from: string; to: string; path: string } => {
  const [from, to] = [daysAgo(6), daysAgo(0)];
  return { from, to, path: `/?from=${from}&to=${to}` };
};

let browser: Browser;
let store: Store;
let seeded: Seeded;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  seeded = await store.seed();
  await store.campaign({ name: 'Cupom de recompra', messageType: 'coupon' });
});

afterAll(() => browser.close());

describe('the overview', () => {
  it('shows the figures that the API answers', async () => {
    const { from, to, path } = week();
    const { page, faults } = await open(browser, { account: store.account, path });
    await figuresShown(page);
    const { totals } = await store.metrics(from, to);
    expect(totals.sent).toBe(6);
    expect(totals.conversions).toEqual({ total: 2, assisted: 1, clickThrough: 1 });
    for (const each of FIGURES) {
      const expected = each.kind === 'count' ? [count.format(each.count(totals))] : each.money(totals).map(money);
      expect(await figure(page, each.id), each.id).toEqual(expected);
    }
    await accessible(page, 'overview');
    expect(faults).toEqual([]);
  });

  it('shows each campaign’s own figures, and filters to one by a click on its row', async () => {
    const { from, to, path } = week();
    const { page } = await open(browser, { account: store.account, path });
    await figuresShown(page);
    const { campaigns } = await store.metrics(from, to);
    for (const each of campaigns) {
      const row = page.getByRole('row', { name: each.name });
      await row.waitFor();
      const cells = (await row.getByRole('cell').allInnerTexts()).flatMap((text) => text.split('\n'));
      expect(cells).toEqual(
        expect.arrayContaining([count.format(each.delivered), count.format(each.conversions.total)]),
      );
    }
    await page.getByRole('row', { name: 'Cupom de recompra' }).getByText('Ativa', { exact: true }).click();
    await page.getByText('Só a campanha Cupom de recompra').waitFor();
    expect(new URL(page.url()).searchParams.get('campaign')).toBe(campaigns[1]?.campaignId);
    await page.waitForFunction(
      () => document.querySelector('[data-figure="sent"] .figure-number')?.textContent === '0',
    );
    await accessible(page, 'one campaign, no data');
    await page.getByRole('button', { name: 'Ver todas as campanhas' }).click();
    await page.waitForFunction(
      () => document.querySelector('[data-figure="sent"] .figure-number')?.textContent === '6',
    );
    expect(new URL(page.url()).searchParams.has('campaign')).toBe(false);
  });

  it('filters the table by status', async () => {
    const { page } = await open(browser, { account: store.account });
    await page.getByRole('row', { name: seeded.campaign.name }).waitFor();
    await page.getByRole('button', { name: 'Pausadas' }).click();
    await page.getByText('Nenhuma campanha pausada').waitFor();
    await page.getByRole('button', { name: 'Ativas' }).click();
    await expect.poll(() => page.getByRole('row').count()).toBe(4);
  });

  it('keeps the range in the address: presets, two clicks in the calendar, one day, back', async () => {
    const { page } = await open(browser, { account: store.account });
    await figuresShown(page);
    const button = page.getByRole('button', { name: /^Período/ });
    await button.click();
    await page.getByRole('button', { name: '30 dias' }).click();
    await page.waitForURL(/range=last30/);

    await button.click();
    await page.getByRole('grid').first().waitFor();
    expect(await page.getByRole('grid').count()).toBe(2);
    await accessible(page, 'calendar');
    const [from, to] = [daysAgo(2), daysAgo(1)];
    await cell(page, from).click();
    await cell(page, to).click();
    await page.waitForURL(new RegExp(`from=${from}&to=${to}`));
    const { totals } = await store.metrics(from, to);
    await page.waitForFunction(
      (text) => document.querySelector('[data-figure="sent"] .figure-number')?.textContent === text,
      count.format(totals.sent),
    );

    await button.click();
    await cell(page, to).click();
    await cell(page, to).click();
    await page.waitForURL(new RegExp(`from=${to}&to=${to}`));
    await page.goBack();
    await page.waitForURL(new RegExp(`from=${from}&to=${to}`));
  });

  it('names the store’s time zone', async () => {
    const { page } = await open(browser, { account: store.account, timezoneId: 'Asia/Tokyo' });
    await page.getByText('America/Sao Paulo').waitFor();
  });

  it('explains each figure in the page’s own words, on focus', async () => {
    const { page } = await open(browser, { account: store.account });
    await figuresShown(page);
    for (const { label, help } of FIGURES) {
      const figures = page.locator('.figures');
      const question = figures.getByRole('button', { name: ptBR[label], exact: true });
      await page.keyboard.press('Shift');
      await question.focus();
      await page
        .getByRole('tooltip', { name: ptBR[help] })
        .or(page.getByRole('tooltip').getByText(ptBR[help]))
        .first()
        .waitFor();
    }
  });

  it('has a chart that the keyboard and a screen reader can read, and a table of the same', async () => {
    const { from, to, path } = week();
    const { page } = await open(browser, { account: store.account, path });
    await figuresShown(page);
    const { days } = await store.metrics(from, to);
    const chart = page.getByRole('slider');
    await chart.focus();
    await page.keyboard.press('End');
    for (const day of days.toReversed()) {
      const text = (await chart.getAttribute('aria-valuetext')) ?? '';
      expect(text).toContain(`Entregues: ${count.format(day.delivered)}`);
      expect(text).toContain(`Conversões: ${count.format(day.conversions.total)}`);
      expect(text).toContain('Ainda contando');
      await page.keyboard.press('ArrowLeft');
    }
    await page.getByRole('button', { name: 'Ver como tabela' }).click();
    const rows = await page.locator('.daily-table tbody tr').count();
    expect(rows).toBe(7);
    await accessible(page, 'daily table');
  });

  it('lists the purchases with why each counts', async () => {
    const { page } = await open(browser, { account: store.account, path: '/?view=purchases' });
    await page.getByRole('link', { name: `Por que conta: pedido ${seeded.clicked}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Conta como conversão por clique').waitFor();
    await dialog.getByText('mesmo carrinho').waitFor();
    await accessible(page, 'why');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: `Por que conta: pedido ${seeded.assisted}` }).click();
    await page.getByText('Conta como conversão assistida').waitFor();
  });

  it('keeps its figures fresh', async () => {
    const { page } = await open(browser, {
      account: store.account,
      before: (fresh) => fresh.clock.install(),
    });
    await figuresShown(page);
    const asked = page.waitForRequest((request) => request.url().includes('/metrics?'));
    await page.clock.fastForward(31_000);
    await asked;
  });
});

/** A day's cell in the calendar, by the day of the month, in the month that shows it. */
function cell(page: Page, day: string): Locator {
  const date = new Date(`${day}T12:00:00Z`);
  const label = new Intl.DateTimeFormat('pt-BR', { dateStyle: 'full', timeZone: 'UTC' }).format(date);
  const shown = page.locator(`.calendar-cell[aria-label*="${label}"]:not([data-outside-month])`);
  // The ends of the chosen range are named in each other's labels.
  return shown.filter({ hasText: new RegExp(`^${date.getUTCDate()}$`) });
}
