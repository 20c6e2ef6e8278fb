import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, figure, figuresShown, open } from './page';
import { Store } from './stack';

let browser: Browser;
let store: Store;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  await store.seed();
});

afterAll(() => browser.close());

async function failing(page: Page, path: RegExp, status = 503): Promise<void> {
  await page.route(path, (route) =>
    route.fulfill({
      status,
      contentType: 'application/problem+json',
      json: { type: 'about:blank', title: 'Failed', status, code: 'unavailable', requestId: 'req-1' },
    }),
  );
}

describe('a new store', () => {
  it('is set up, then told to create its first campaign', async () => {
    const empty = await Store.open();
    const { page } = await open(browser, { account: empty.account, timezoneId: 'America/Santiago' });
    await page.getByText('Configure sua loja para começar').waitFor();
    await accessible(page, 'setup');
    expect(await page.getByLabel('Fuso horário da loja').inputValue()).toBe('America/Santiago');
    await page.getByRole('button', { name: 'Salvar e começar' }).click();
    await page.getByText('Informe o endereço completo da loja').waitFor();
    await page.getByLabel('Endereço da loja').fill('https://tienda.example');
    await page.getByRole('button', { name: 'Salvar e começar' }).click();
    await page.getByText('Crie sua primeira campanha').waitFor();
    await accessible(page, 'no campaigns');
    expect(await empty.call('GET', '/account')).toMatchObject({
      timeZone: 'America/Santiago',
      storeUrl: expect.stringMatching(/^https:\/\/tienda\.example\/?$/) as string,
    });
    await page.getByRole('button', { name: 'Nova campanha' }).click();
    await page.getByRole('dialog').getByLabel('Nome').fill('Primeira');
    await page.getByRole('dialog').getByRole('button', { name: 'Criar campanha' }).click();
    await page.getByRole('row', { name: 'Primeira' }).waitFor();
    await page.getByText('Nenhuma mensagem disparada neste período').waitFor();
    await accessible(page, 'no data');
  });
});

describe('a failure', () => {
  it('of the figures leaves the campaigns, and is mended by a retry', async () => {
    const { page } = await open(browser, { account: store.account, before: (fresh) => failing(fresh, /\/metrics\?/) });
    await page.getByText('Não foi possível carregar esta parte').waitFor();
    await page.getByRole('row', { name: 'Carrinho abandonado' }).waitFor();
    await page.getByText('req-1').waitFor();
    await accessible(page, 'figures failed');
    await page.unrouteAll({ behavior: 'wait' });
    await page.getByRole('button', { name: 'Tentar de novo' }).click();
    await figuresShown(page);
    expect(await figure(page, 'sent')).toEqual(['6']);
  });

  it('of the store’s settings leaves the figures, with the zone of their days', async () => {
    const { page } = await open(browser, {
      account: store.account,
      timezoneId: 'Asia/Tokyo',
      before: (fresh) => failing(fresh, /\/account$/),
    });
    await figuresShown(page);
    await page.getByText('America/Sao Paulo').waitFor();
  });

  it('of the campaigns leaves the figures', async () => {
    const { page } = await open(browser, { account: store.account, before: (fresh) => failing(fresh, /\/campaigns$/) });
    await figuresShown(page);
    await page.getByText('Não foi possível carregar esta parte').waitFor();
    expect(await figure(page, 'sent')).toEqual(['6']);
  });

  it('of an update keeps the last figures and says so', async () => {
    const { page } = await open(browser, { account: store.account, before: (fresh) => fresh.clock.install() });
    await figuresShown(page);
    await failing(page, /\/metrics\?/);
    await page.clock.fastForward(31_000);
    await page.clock.fastForward(10_000);
    await page.getByText('Não foi possível atualizar').waitFor();
    expect(await figure(page, 'sent')).toEqual(['6']);
  });

  it('of a change is said in its dialog, which stays', async () => {
    const { page } = await open(browser, { account: store.account });
    await page.getByRole('button', { name: 'Nova campanha' }).click();
    await page.getByRole('dialog').getByLabel('Nome').fill('Falha');
    await failing(page, /\/campaigns$/, 500);
    await page.getByRole('dialog').getByRole('button', { name: 'Criar campanha' }).click();
    await page.getByRole('dialog').getByRole('alert').getByText('Não foi possível concluir').waitFor();
    await accessible(page, 'change failed');
  });
});

describe('the connection', () => {
  it('may go and come back', async () => {
    const { page } = await open(browser, { account: store.account });
    await figuresShown(page);
    await page.context().setOffline(true);
    await page.getByText('Você está sem conexão').waitFor();
    await accessible(page, 'offline');
    expect(await figure(page, 'sent')).toEqual(['6']);
    await page.context().setOffline(false);
    await page.getByText('Você está sem conexão').waitFor({ state: 'detached' });
  });
});

describe('the session', () => {
  it('takes the local token by itself and says so', async () => {
    const { page } = await open(browser, { account: store.account });
    await page.getByText('Loja de demonstração local').waitFor();
    await page.getByText(`Loja: ${store.account}`).waitFor();
  });

  it('leads back to the same view after it expired', async () => {
    const { page } = await open(browser, { account: store.account, path: '/?view=purchases&range=last30' });
    await page.getByText('Compras do período').waitFor();
    const view = page.url();
    await page.route(/\/(metrics|orders|campaigns)/, (route) =>
      route.fulfill({ status: 401, json: { message: 'Unauthorized' } }),
    );
    await page.route('**/local/token*', (route) => route.abort());
    await page.getByRole('link', { name: 'Visão geral' }).click();
    await page.getByText('Sua sessão expirou').waitFor();
    await accessible(page, 'session expired');
    await page.goBack();
    await page.unrouteAll({ behavior: 'wait' });
    await page.getByRole('button', { name: 'Entrar' }).click();
    await page.getByText('Compras do período').waitFor();
    expect(page.url()).toBe(view);
  });

  it('without the right to change shows numbers only', async () => {
    const { page } = await open(browser, { account: store.account, path: '/?scope=admin:read' });
    await figuresShown(page);
    await page.getByText('Seu usuário pode ver os números').waitFor();
    expect(await page.getByRole('button', { name: 'Enviar relatório' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Ações de Carrinho abandonado' }).click();
    await page.getByRole('menu').waitFor();
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Histórico', 'Ver compras']);
  });
});
