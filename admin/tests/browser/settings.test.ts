import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, focusOn, open, overflowing, toast } from './page';
import { drain, STACK_URL, Store } from './stack';

let browser: Browser;
let store: Store;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  await store.seed();
});

afterAll(() => browser.close());

const settings = async (): Promise<Record<string, unknown>> =>
  (await store.call('GET', '/account')) as Record<string, unknown>;

it('changes what the store set up, and keeps the rest', async () => {
  await store.call('PUT', '/account', {
    timeZone: 'America/Sao_Paulo',
    language: 'pt-BR',
    phoneNumberIds: [],
    storeUrl: 'https://loja.example',
    reportDomains: ['loja.example', 'agencia.example'],
  });
  const { page, faults } = await open(browser, { account: store.account, path: '/?view=settings' });
  const url = page.getByLabel('Endereço da loja');
  await url.waitFor();
  // The store has reminders: its days stay as they were cut.
  expect(await page.getByLabel('Fuso horário da loja').isEditable()).toBe(false);
  await page.getByText('Nenhum relatório pedido ainda.').waitFor();
  await page.getByText('Nada foi guardado à parte.').waitFor();
  await accessible(page, 'settings');
  await page.getByLabel('Outros domínios de email').fill('loja');
  await page.getByRole('button', { name: 'Salvar', exact: true }).click();
  await page.getByText('Informe domínios como loja.com.br').waitFor();
  await focusOn(page, 'Outros domínios de email da sua equipe (opcional)');
  await page.getByLabel('Outros domínios de email').fill('loja.example');
  await url.fill('https://nova.example');
  await page.getByRole('button', { name: 'Salvar', exact: true }).click();
  await toast(page, 'Configurações salvas');
  expect(await settings()).toMatchObject({ language: 'pt-BR', reportDomains: ['loja.example'] });
  expect(String((await settings()).storeUrl)).toMatch(/^https:\/\/nova\.example/);
  expect(faults).toEqual([]);
});

it('renews the secret, shows it once, and copies addresses', async () => {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const { page } = await open(browser, { account: store.account, path: '/?view=settings', permissions });
  await page.getByRole('button', { name: 'Copiar: Eventos de quem envia' }).click();
  await toast(page, 'Copiado');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${STACK_URL}/events/${store.account}`);
  await page.getByRole('button', { name: 'Renovar segredo' }).click();
  const dialog = page.locator('.dialog');
  await dialog.getByText('continua valendo por 24 horas').waitFor();
  await accessible(page, 'renewing the secret');
  await dialog.getByRole('button', { name: 'Renovar segredo' }).click();
  const secret = dialog.getByLabel('Segredo de assinatura', { exact: true });
  await secret.waitFor();
  expect(await secret.inputValue()).toMatch(/^whsec_/);
  await accessible(page, 'a new secret');
  await dialog.getByRole('button', { name: 'Fechar' }).last().click();
  await dialog.waitFor({ state: 'detached' });
});

it('says why VTEX could not be connected, and takes over a hook only when asked', async () => {
  const { page } = await open(browser, { account: store.account, path: '/?view=settings' });
  const bodies: unknown[] = [];
  const problems = [
    { status: 422, code: 'vtex-keys-refused' },
    { status: 409, code: 'hook-taken' },
  ];
  await page.route(/\/account\/vtex$/, async (route) => {
    if (route.request().method() === 'GET') return route.fallback();
    bodies.push(route.request().postDataJSON());
    const problem = problems.shift();
    await route.fulfill(
      problem ? { status: problem.status, json: problem } : { json: { hookUrl: 'https://api.example' } },
    );
  });
  await page.getByRole('button', { name: 'Conectar VTEX' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Conectar VTEX' }).click();
  await focusOn(page, 'Chave de aplicativo (app key)');
  await accessible(page, 'VTEX without keys');
  await dialog.getByLabel('Chave de aplicativo').fill('key');
  await dialog.getByLabel('Token de aplicativo').fill('token');
  await dialog.getByRole('button', { name: 'Conectar VTEX' }).click();
  await dialog.getByText('A VTEX recusou as chaves').waitFor();
  await dialog.getByRole('button', { name: 'Conectar VTEX' }).click();
  await dialog.getByText('O hook da loja avisa outro endereço').waitFor();
  await dialog.getByRole('button', { name: 'Assumir o hook' }).click();
  await toast(page, 'VTEX conectada');
  const keys = { appKey: 'key', appToken: 'token' };
  expect(bodies).toEqual([keys, keys, { ...keys, replace: true }]);
});

it('tells whether VTEX is connected, since when, and when it was heard last', async () => {
  const { page } = await open(browser, { account: store.account, path: '/?view=settings' });
  await page.getByRole('button', { name: 'Conectar VTEX' }).waitFor();
  const answers = [
    { connected: false, appKey: 'vtexappkey-loja' },
    { connected: true, appKey: 'vtexappkey-loja', connectedAt: '2026-11-20T12:00:00Z' },
    {
      connected: true,
      appKey: 'vtexappkey-loja',
      connectedAt: '2026-11-20T12:00:00Z',
      lastOrderAt: '2026-11-21T15:30:00Z',
    },
  ];
  const said = ['a VTEX ainda não confirmou nosso endereço', 'Nenhum pedido recebido ainda.', '21/11/2026, 12:30'];
  for (const [index, json] of answers.entries()) {
    await page.unrouteAll({ behavior: 'wait' });
    await page.route(/\/account\/vtex$/, (route) => route.fulfill({ json }));
    await page.reload();
    await page.getByText(said[index] ?? '').waitFor();
    await page.getByRole('button', { name: json.connected ? 'Renovar conexão' : 'Conectar VTEX' }).waitFor();
  }
  await page.getByText('Conectada em 20/11/2026, 09:00, com a chave vtexappkey-loja.').waitFor();
  await accessible(page, 'VTEX connected');
});

it('lists the reports with their files, and what was kept aside with an example', async () => {
  const { id } = (await store.call('POST', '/reports', {
    email: 'ana@loja.example',
    from: '2026-11-01',
    to: '2026-11-02',
  })) as { id: string };
  await drain();
  const { campaignId } = await store.campaign({ name: 'Outra' });
  const data = {
    reminderId: 'wamid.1',
    campaignId: 'no-such',
    userId: 'u',
    orderFormId: 'a'.repeat(32),
    checkoutItems: [],
  };
  await store.events([{ type: 'reminder.sent', hoursAgo: 1, data }]).catch(() => undefined);
  await store
    .events([{ type: 'reminder.sent', hoursAgo: 1, data: { ...data, reminderId: 'wamid.2' } }])
    .catch(() => undefined);
  expect(campaignId).not.toBe('no-such');
  const { page } = await open(browser, { account: store.account, path: '/?view=settings' });
  const report = page.getByRole('row', { name: 'ana@loja.example' });
  await report.getByText('Enviado').waitFor();
  const asked = page.waitForRequest((request) => request.url().endsWith(`/reports/${id}/download`));
  await report.getByRole('button', { name: /Baixar o relatório/ }).click();
  await asked;
  const aside = page.getByRole('row', { name: /A loja não tem esta campanha/ });
  await aside.waitFor();
  expect(await aside.getByRole('cell').first().textContent()).toBe('2');
  await aside.getByText('reminder.sent').waitFor();
});

it('replays what was kept aside for a reason to its end, and tells what became of it', async () => {
  const { page, faults } = await open(browser, { account: store.account, path: '/?view=settings' });
  const section = page.getByRole('region', { name: 'Guardados à parte' });
  const status = section.getByRole('status');
  const replay = section.getByRole('button', { name: 'Reprocessar: A loja não tem esta campanha' });
  await replay.click();
  // The campaign is unknown still: nothing was mended.
  await status.getByText('Reprocessamento concluído: 0 já contam, 2 continuam à parte.').waitFor();
  await section.getByRole('row', { name: /A loja não tem esta campanha/ }).waitFor();
  await accessible(page, 'replayed');

  const bodies: unknown[] = [];
  let goOn = (): void => undefined;
  const parts = [
    { replayed: 2, stillAside: 0, next: 'behind' },
    { replayed: 1, stillAside: 3 },
  ];
  await page.route(/\/events\/aside\/replay$/, async (route) => {
    bodies.push(route.request().postDataJSON());
    if (bodies.length === 2) await new Promise<void>((resolve) => (goOn = resolve));
    await route.fulfill(
      parts.length > 0 ? { json: parts.shift() } : { status: 409, json: { status: 409, code: 'replay-running' } },
    );
  });
  await replay.click();
  await status.getByText('Reprocessando… 2 já contam, 0 continuam à parte.').waitFor();
  goOn();
  await status.getByText('Reprocessamento concluído: 3 já contam, 3 continuam à parte.').waitFor();
  const reason = 'unknown-campaign';
  expect(bodies).toEqual([{ reason }, { reason, cursor: 'behind' }]);
  await replay.click();
  await status.getByText('Outro reprocessamento está em andamento').waitFor();
  expect(faults).toEqual([]);
});

it('erases a shopper, and follows it to its end', async () => {
  const { page } = await open(browser, { account: store.account, path: '/?view=settings' });
  await page.getByRole('button', { name: 'Apagar cliente' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: 'Apagar', exact: true }).click();
  await focusOn(page, 'ID do usuário');
  await accessible(page, 'nobody to erase');
  await dialog.getByLabel('ID do usuário').last().fill('user-0');
  await dialog.getByRole('button', { name: 'Apagar', exact: true }).click();
  await dialog.getByText('Cliente apagado').waitFor();
  await dialog.getByText(/Mensagens e pedidos: [1-9]/).waitFor();
  await accessible(page, 'a shopper erased');
});

it('tells who changed what, newest first, as it is changed', async () => {
  const { page, faults } = await open(browser, { account: store.account, path: '/?view=settings' });
  const section = page.getByRole('region', { name: 'Atividade' });
  await section.getByText('Pediu para apagar um cliente').first().waitFor();
  const entries = section.getByRole('listitem');
  await section.getByText('Criou a campanha Outra').waitFor();
  await page.getByRole('button', { name: 'Renovar segredo' }).click();
  await page.locator('.dialog').getByRole('button', { name: 'Renovar segredo' }).click();
  await page.locator('.dialog').getByLabel('Segredo de assinatura', { exact: true }).waitFor();
  await page.locator('.dialog').getByRole('button', { name: 'Fechar' }).last().click();
  await entries.first().getByText('Criou um segredo de assinatura').waitFor();
  expect(await entries.first().textContent()).toMatch(/Você, \d\d\/\d\d\/\d{4}/);
  // The next page comes when it is asked for.
  const [campaign] = await store.campaigns();
  for (let n = 0; n < 50; n++)
    await store.call('POST', `/campaigns/${campaign?.campaignId ?? ''}/${n % 2 === 0 ? 'pause' : 'resume'}`);
  await page.reload();
  await section
    .getByText(/Retomou a campanha/)
    .first()
    .waitFor();
  expect(await entries.count()).toBe(50);
  await section.getByRole('button', { name: 'Carregar mais' }).click();
  await section.getByText('Criou a conta da loja').waitFor();
  await accessible(page, 'activity');
  expect(faults).toEqual([]);
});

it('shows everything and changes nothing without the right to, and says why', async () => {
  const { page } = await open(browser, { account: store.account, path: '/?view=settings&scope=admin:read' });
  await page.getByText('peça acesso de escrita').waitFor();
  const whyNot = page.getByText('Só quem tem acesso de escrita pode fazer isto.');
  await whyNot.first().waitFor();
  expect(await whyNot.count()).toBe(3);
  await page.getByLabel('Endereço da loja').waitFor();
  expect(await page.getByLabel('Endereço da loja').isEditable()).toBe(false);
  const replay = page.getByRole('button', { name: 'Reprocessar: A loja não tem esta campanha' });
  expect(await replay.isDisabled()).toBe(true);
  for (const name of ['Salvar', 'Renovar segredo', 'Conectar VTEX']) {
    expect(await page.getByRole('button', { name, exact: true }).isDisabled(), name).toBe(true);
  }
  await accessible(page, 'settings to read');
});

it('fits a phone', async () => {
  const { page } = await open(browser, {
    account: store.account,
    path: '/?view=settings',
    viewport: { width: 390, height: 844 },
  });
  await page.getByRole('row', { name: 'ana@loja.example' }).waitFor();
  expect(await overflowing(page)).toBe(false);
  const tab = await page.getByRole('link', { name: 'Configurações' }).boundingBox();
  expect(tab && tab.x + tab.width).toBeLessThanOrEqual(390);
  await accessible(page, 'settings on a phone');
});
