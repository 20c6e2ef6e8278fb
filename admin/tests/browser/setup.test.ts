import { execFileSync } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, open, overflowing } from './page';
import { drain, Store } from './stack';

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser.close());

const title = (page: Page, done: number): Promise<void> =>
  page.getByRole('heading', { name: `Até os primeiros números: ${done} de 7` }).waitFor();

it('the checklist fills itself by the commands that it shows, and goes when all is done', async () => {
  const store = await Store.open();
  const settings = { timeZone: 'America/Sao_Paulo', language: 'pt-BR', storeUrl: 'https://loja.example' };
  await store.call('PUT', '/account', { ...settings, phoneNumberIds: [] });
  const { secret } = (await store.call('POST', '/account/signing-secret')) as { secret: string };
  await store.campaign();
  const { page } = await open(browser, { account: store.account });
  await title(page, 1);
  await page.getByText('Informe nas Configurações o ID do número').waitFor();
  await accessible(page, 'a store without a number');
  await store.call('PUT', '/account', { ...settings, phoneNumberIds: [String(Date.now())] });
  await page.reload();
  await title(page, 2);
  await page.getByText('Conecte a VTEX nas Configurações').waitFor();
  // A store can go on without VTEX: its own system tells of orders.
  await page.route(/\/account\/vtex$/, (route) => route.fulfill({ json: { connected: true, appKey: 'key' } }));
  await page.reload();
  for (const [done, step] of [
    [3, 'Crie uma campanha e um segredo'],
    [4, 'Inscreva o webhook do WhatsApp'],
    [5, 'Use nas mensagens o link'],
    [6, 'os pedidos chegam sozinhos'],
  ] as const) {
    await title(page, done);
    await page.getByText(step).waitFor();
    await page.getByText('Para desenvolvedores').click();
    await accessible(page, `set-up, ${done} done`);
    const command = (await page.locator('.command').textContent()) ?? '';
    const answer = execFileSync('bash', ['-c', command], { env: { ...process.env, SECRET: secret }, encoding: 'utf8' });
    expect(JSON.parse(answer)).toEqual({ accepted: 1, keptAside: [] });
    await drain();
    await page.reload();
  }
  await expect.poll(() => page.getByText('Até os primeiros números').count()).toBe(0);
  await page.locator('.figures[aria-busy="false"]').waitFor();
  // From now on nothing is asked for it.
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.reload();
  await page.locator('.figures[aria-busy="false"]').waitFor();
  expect(asked.filter((url) => url.includes('/account/vtex'))).toEqual([]);
});

it.each(['en-US', 'es'])('fits a phone in %s', async (locale) => {
  const store = await Store.make();
  const { page } = await open(browser, { account: store.account, viewport: { width: 390, height: 844 }, locale });
  await page.locator('.checklist').waitFor();
  expect(await overflowing(page)).toBe(false);
  await accessible(page, 'the checklist on a phone');
});
