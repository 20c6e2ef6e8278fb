import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Schedule } from '../../src/api/types';
import { FIGURES } from '../../src/overview/figures';
import { launch } from './chromium.mjs';
import { closed, press } from './keys';
import { attachment, daysAgo, drain, mailsTo, Store } from './stack';
import { figure, figuresShown, focusOn, toast } from './page';
import { Walk } from './walk';

// The everyday jobs, each from the page as it opens to its end, without a pointer. What a pointer would click is
// counted and printed: a button, a link, a field that has to be gone to, each step of a menu or a list.

const CAMPAIGNS = 100;
/** So many events at once that a busy machine takes them within a function's time. */
const BATCH = 300;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser.close());

/** Hours from a time of a store day until now. */
const since = (days: number, time: string): number =>
  (Date.now() - Date.parse(`${daysAgo(days)}T${time}-03:00`)) / 3_600_000;

const at = (hoursAgo: number): string => new Date(Date.now() - hoursAgo * 3_600_000).toISOString();

type Event = Parameters<Store['events']>[0][number];

/** Reminders of one day that were delivered, of which the first ones brought an order of so many cents each, and one a click. */
function reminders(campaignId: string, days: number, count: number, orders: number, value: number): Event[] {
  const run = randomUUID().slice(0, 8);
  const [sent, bought] = [since(days, '10:00:00'), since(days, '11:00:00')];
  return Array.from({ length: count }, (_, index): Event[] => {
    const cart = `${run}${String(index).padStart(24, '0')}`;
    const reminderId = `wamid.${run}.${index}`;
    const orderGroup = `${run}-${index}`;
    const order = { orderGroup, orderId: `${orderGroup}-01`, status: 'payment-approved', items: [] };
    const times = { createdAt: at(bought), changedAt: at(bought) };
    return [
      {
        type: 'reminder.sent',
        hoursAgo: sent,
        data: { reminderId, campaignId, userId: cart, orderFormId: cart, checkoutItems: [] },
      },
      { type: 'reminder.status', hoursAgo: sent - 0.1, data: { reminderId, status: 'delivered' } },
      ...(index === 0
        ? [{ type: 'reminder.clicked', hoursAgo: sent - 0.2, data: { reminderId, clickId: run, kind: 'link' } }]
        : []),
      ...(index < orders
        ? [
            {
              type: 'order.updated',
              hoursAgo: bought,
              data: { ...order, ...times, orderFormId: cart, currency: 'BRL', value },
            },
          ]
        : []),
    ];
  }).flat();
}

describe.each([501, 5_000])('a store with %i purchases a day and a hundred campaigns', (purchases) => {
  let store: Store;
  const best = 'Vende com cada mensagem';
  const most = 'Vende muito';

  beforeAll(async () => {
    store = await Store.make();
    const [many, good, last] = await Promise.all([
      store.campaign({ name: most }),
      store.campaign({ name: best }),
      store.campaign({ name: 'Do mês passado' }),
    ]);
    const inLastMonth = Number(daysAgo(0).slice(8)) + 9;
    const events = [
      ...reminders(many.campaignId, 2, purchases, purchases, 1_000),
      ...reminders(many.campaignId, 1, 40, 20, 50_000),
      ...reminders(good.campaignId, 1, 1, 1, 90_000),
      ...reminders(last.campaignId, inLastMonth, 3, 2, 4_200),
    ];
    for (let from = 0; from < events.length; from += BATCH) await store.events(events.slice(from, from + BATCH));
    for (let index = 3; index < CAMPAIGNS; index++) await store.campaign({ name: `Campanha ${index}` });
    // An order that nothing brought, and an event about a campaign that nobody has.
    await store.events([
      {
        type: 'order.updated',
        hoursAgo: 3,
        data: {
          orderGroup: 'v7007',
          orderId: 'v7007-01',
          status: 'payment-approved',
          createdAt: at(3),
          changedAt: at(3),
          userId: 'nobody-we-know',
          currency: 'BRL',
          value: 5_000,
          items: [],
        },
      },
    ]);
    const [unknown] = reminders('no-such', 1, 1, 0, 0);
    await store.events(unknown ? [unknown] : []).catch(() => undefined);
    await drain();
  }, 1_200_000);

  it('1: yesterday against the day before', async () => {
    const walk = await Walk.start(browser, store);
    await walk.range('Ontem');
    await figuresShown(walk.page);
    await walk.page.locator('[data-figure="sent"] .figure-before').waitFor();
    for (const { id } of FIGURES)
      expect(await walk.page.locator(`[data-figure="${id}"] .figure-before`).count(), id).toBeGreaterThan(0);
    expect(await figure(walk.page, 'conversions')).toEqual(['21']);
    expect(await walk.page.locator('[data-figure="conversions"] .figure-before').innerText()).toBe(
      `antes: ${purchases.toLocaleString('pt-BR')}`,
    );
    walk.end('1: yesterday against the day before');
  });

  it('2: the best campaign per message', async () => {
    const walk = await Walk.start(browser, store);
    const first = (): Promise<string | null> =>
      walk.page.locator('.campaigns-table .name-button').first().textContent();
    await expect.poll(first).toBe(most);
    await walk.press('Por entregue');
    await expect.poll(first).toBe(best);
    walk.end('2: the best campaign per message');
  });

  it('3: last month’s Excel of one campaign', async () => {
    const walk = await Walk.start(browser, store);
    await walk.range('Mês passado');
    const menu = 'Ações de Do mês passado';
    await figuresShown(walk.page);
    await walk.page.getByRole('button', { name: menu }).waitFor();
    await walk.take(menu, 'Enviar relatório');
    await focusOn(walk.page, 'Email');
    const address = `mes-${store.account}@loja.example`;
    await walk.write('Email', address);
    await walk.send();
    await walk.page.getByText(`Relatório enviado para ${address}`).waitFor();
    await walk.page.getByText('2 compras no arquivo').waitFor();
    const [mail = ''] = await mailsTo(address);
    expect(mail).toContain('.xlsx');
    expect(attachment(mail)).toMatch(/^PK/);
    walk.end('3: last month’s Excel of one campaign');
  });

  it('4: a campaign’s language', async () => {
    const walk = await Walk.start(browser, store);
    await walk.take(`Ações de ${best}`, 'Editar');
    await focusOn(walk.page, 'Nome');
    await press(walk.page, 'Tab');
    await walk.pick('Espanhol');
    await walk.press('Continuar');
    await walk.page.getByText('Idioma: de Português (Brasil) para Espanhol').waitFor();
    await walk.press('Confirmar');
    await closed(walk.page);
    expect((await store.campaigns()).find(({ name }) => name === best)).toMatchObject({ language: 'es' });
    walk.end('4: a campaign’s language');
  });

  it('5: pause and resume', async () => {
    const walk = await Walk.start(browser, store);
    const menu = `Ações de ${best}`;
    for (const [entry, status] of [
      ['Pausar', 'paused'],
      ['Retomar', 'active'],
    ] as const) {
      await walk.take(menu, entry);
      await focusOn(walk.page, 'Cancelar');
      await walk.press('Confirmar');
      await closed(walk.page);
      await focusOn(walk.page, menu);
      expect((await store.campaigns()).find(({ name }) => name === best)).toMatchObject({ status });
      await press(walk.page, 'Shift+Tab');
    }
    walk.end('5: pause and resume');
  });

  it('6: why an order counts, and why another doesn’t', async () => {
    const walk = await Walk.start(browser, store);
    await walk.press('Compras');
    const order = walk.page.locator('.purchases-table').getByRole('rowheader').first();
    const counted = (await order.innerText()).trim();
    await walk.write('Número do pedido', counted);
    await walk.send();
    await walk.page
      .getByRole('dialog')
      .getByText(/^Conta como conversão/)
      .first()
      .waitFor();
    await press(walk.page, 'Escape');
    await closed(walk.page);
    await focusOn(walk.page, 'Número do pedido');
    await walk.write('Número do pedido', 'v7007');
    await walk.send();
    await walk.page.getByRole('dialog').getByText('Não conta: nenhuma mensagem').waitFor();
    walk.end('6: why an order counts, and why another doesn’t');
  });

  it('7: what was kept aside, and why', async () => {
    const walk = await Walk.start(browser, store);
    await walk.press('Configurações');
    const row = walk.page.getByRole('row', { name: /A loja não tem esta campanha/ });
    await row.getByText('reminder.sent').waitFor();
    expect(await row.getByRole('cell').first().textContent()).toBe('1');
    walk.end('7: what was kept aside, and why');
  });

  it('8: the store’s settings, VTEX, the secret', async () => {
    const keys: unknown[] = [];
    const walk = await Walk.start(browser, store, (page) =>
      // No VTEX is reached from a machine of a developer's.
      page
        .route(/\/account\/vtex$/, async (route) => {
          if (route.request().method() === 'GET') return route.fallback();
          keys.push(route.request().postDataJSON());
          await route.fulfill({ json: { hookUrl: 'https://api.example' } });
        })
        .then(() => undefined),
    );
    await walk.press('Configurações');
    await walk.page.getByLabel('Endereço da loja').waitFor();
    await walk.write('Endereço da loja', 'https://nova.example');
    await walk.send();
    await toast(walk.page, 'Configurações salvas');
    expect(((await store.call('GET', '/account')) as { storeUrl: string }).storeUrl).toMatch(/nova\.example/);
    walk.end('8a: the store’s address');

    walk.clicks = 1;
    await walk.press('Conectar VTEX');
    await focusOn(walk.page, 'Chave de aplicativo (app key)');
    await walk.write('Chave de aplicativo (app key)', 'key');
    await walk.write('Token de aplicativo (app token)', 'token');
    await walk.send();
    await toast(walk.page, 'VTEX conectada');
    await closed(walk.page);
    expect(keys).toEqual([{ appKey: 'key', appToken: 'token' }]);
    walk.end('8b: connect VTEX');

    walk.clicks = 1;
    await press(walk.page, 'Shift+Tab', 'Shift+Tab', 'Shift+Tab');
    await walk.press('Renovar segredo');
    await focusOn(walk.page, 'Cancelar');
    await walk.press('Renovar segredo');
    const secret = walk.page.getByLabel('Segredo de assinatura', { exact: true });
    await secret.waitFor();
    expect(await secret.inputValue()).toMatch(/^whsec_/);
    walk.end('8c: renew the secret');

    await walk.press('Fechar');
    await closed(walk.page);
    walk.clicks = 1;
    await walk.press('Apagar cliente');
    await focusOn(walk.page, 'ID do usuário');
    await walk.write('ID do usuário', 'nobody-we-know');
    await walk.send();
    const dialog = walk.page.getByRole('alertdialog');
    await dialog.getByText('Cliente apagado').waitFor();
    await dialog.getByText('Mensagens e pedidos: 1 de 1.').waitFor();
    walk.end('8d: erase a shopper');
  });

  it('9: a weekly report', async () => {
    const walk = await Walk.start(browser, store);
    await walk.press('Relatórios programados');
    await walk.page.getByText('Nenhum relatório programado').waitFor();
    await walk.press('Programar relatório');
    await focusOn(walk.page, 'Email');
    await walk.write('Email', 'semana@loja.example');
    await walk.send();
    await toast(walk.page, 'Relatório programado para semana@loja.example');
    const { items } = (await store.call('GET', '/report-schedules')) as { items: Schedule[] };
    expect(items).toMatchObject([{ email: 'semana@loja.example', frequency: 'weekly' }]);
    walk.end('9: a weekly report');
  });
});
