import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Schedule } from '../../src/api/types';
import { launch } from './chromium.mjs';
import { figuresShown, focusIn, focusOn, open, tabTo, toast } from './page';
import { choose, closed, focusAt, pick, press } from './keys';
import { mailsTo, Store } from './stack';

// Without a pointer: nothing here clicks, and nothing is focused but by keys.

let browser: Browser;
let store: Store;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  await store.seed();
});

afterAll(() => browser.close());

const named = async (name: string): Promise<Record<string, unknown>> => ({
  ...(await store.campaigns()).find((each) => each.name === name),
});

it('sends a report, and asks again after a failure', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await page.route(/\/reports\/[^/]+$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), status: 'failed' } });
  });
  await tabTo(page, 'Enviar relatório');
  await press(page, 'Enter');
  await focusOn(page, 'Email');
  await page.keyboard.type('teclas@loja.example');
  // Days and campaign are those of the page.
  await press(page, 'Tab', 'Tab', 'Tab');
  expect(await page.getByRole('radio', { name: /Excel/ }).isChecked()).toBe(true);
  await press(page, 'ArrowDown');
  expect(await page.getByRole('radio', { name: /CSV/ }).isChecked()).toBe(true);
  await tabTo(page, 'Enviar relatório');
  await press(page, 'Enter');
  await page.getByText('O relatório para teclas@loja.example não foi enviado').waitFor();
  await focusOn(page, 'Fechar');
  await page.unrouteAll({ behavior: 'wait' });
  await tabTo(page, 'Enviar de novo');
  await press(page, 'Enter');
  await page.getByText('Relatório enviado para teclas@loja.example').waitFor();
  await focusOn(page, 'Fechar');
  await press(page, 'Enter');
  await closed(page);
  await focusOn(page, 'Enviar relatório');
  expect(await mailsTo('teclas@loja.example')).toHaveLength(2);
});

it('creates a campaign', async () => {
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await tabTo(page, 'Nova campanha');
  await press(page, 'Enter');
  await focusOn(page, 'Nome');
  await page.keyboard.type('Com teclas');
  await press(page, 'Tab', 'Tab');
  await pick(page, 'Cupom');
  await tabTo(page, 'Criar campanha');
  await press(page, 'Enter');
  await toast(page, 'Campanha Com teclas criada');
  await closed(page);
  await focusOn(page, 'Nova campanha');
  expect(await named('Com teclas')).toMatchObject({ messageType: 'coupon' });
});

it('edits a campaign to the end, and looks at its history', async () => {
  const { name } = await store.campaign({ name: 'Só teclas' });
  const { page } = await open(browser, { account: store.account });
  const menu = `Ações de ${name}`;
  await page.getByRole('button', { name: menu }).waitFor();
  await choose(page, menu, 'Editar');
  await focusOn(page, 'Nome');
  await press(page, 'Tab');
  await pick(page, 'Espanhol');
  await tabTo(page, 'Continuar');
  await press(page, 'Enter');
  await page.getByText('Idioma: de Português (Brasil) para Espanhol').waitFor();
  await focusOn(page, 'Confirmar');
  await press(page, 'Enter');
  await closed(page);
  await focusOn(page, menu);
  expect(await named(name)).toMatchObject({ language: 'es' });

  await press(page, 'Shift+Tab');
  await choose(page, menu, 'Histórico');
  await page.getByText('Criou a campanha').waitFor();
  await focusIn(page, '[role="dialog"]');
  await press(page, 'Escape');
  await closed(page);
  await focusOn(page, menu);
});

it('pauses and resumes a campaign, and the focus is still in the row', async () => {
  const { name } = await store.campaign({ name: 'Vai e volta' });
  const { page } = await open(browser, { account: store.account });
  const menu = `Ações de ${name}`;
  await page.getByRole('button', { name: menu }).waitFor();
  for (const [entry, status] of [
    ['Pausar', 'paused'],
    ['Retomar', 'active'],
  ] as const) {
    await choose(page, menu, entry);
    await focusOn(page, 'Cancelar');
    await press(page, 'Tab');
    await focusOn(page, 'Confirmar');
    await press(page, 'Enter');
    await closed(page);
    await focusOn(page, menu);
    expect(await named(name)).toMatchObject({ status });
    await press(page, 'Shift+Tab');
  }
});

it('schedules a report, pauses, resumes and deletes it', async () => {
  const schedules = async (): Promise<Schedule[]> =>
    ((await store.call('GET', '/report-schedules')) as { items: Schedule[] }).items;
  const { page } = await open(browser, { account: store.account });
  await figuresShown(page);
  await tabTo(page, 'Relatórios programados');
  await press(page, 'Enter');
  await page.getByText('Nenhum relatório programado').waitFor();
  await tabTo(page, 'Programar relatório');
  await press(page, 'Enter');
  await focusOn(page, 'Email');
  await page.keyboard.type('semana@loja.example');
  await press(page, 'Tab');
  await pick(page, 'Todo dia');
  await tabTo(page, 'Programar');
  await press(page, 'Enter');
  await toast(page, 'Relatório programado para semana@loja.example');
  await closed(page);
  // The button that asked for it stood in the empty list.
  await focusAt(page, 'schedules-title');
  expect(await schedules()).toMatchObject([{ frequency: 'daily', status: 'active' }]);

  const menu = 'Ações do relatório para semana@loja.example';
  for (const [entry, status, said] of [
    ['Pausar', 'paused', 'pausado'],
    ['Retomar', 'active', 'retomado'],
  ] as const) {
    await choose(page, menu, entry);
    await toast(page, said);
    await focusOn(page, menu);
    expect(await schedules()).toMatchObject([{ status }]);
    await press(page, 'Shift+Tab');
  }
  await choose(page, menu, 'Excluir');
  await focusOn(page, 'Cancelar');
  await press(page, 'Tab');
  await focusOn(page, 'Excluir');
  await press(page, 'Enter');
  await toast(page, 'Relatório programado excluído');
  await focusAt(page, 'schedules-title');
  expect(await schedules()).toEqual([]);
});

it('sets up a new store and creates its first campaign', async () => {
  const empty = await Store.open();
  const { page } = await open(browser, { account: empty.account, timezoneId: 'America/Bogota' });
  await page.getByText('Configure sua loja para começar').waitFor();
  await tabTo(page, 'Endereço da loja');
  await press(page, 'End');
  await page.keyboard.type('tienda.example');
  await press(page, 'Enter');
  await page.getByText('Crie sua primeira campanha').waitFor();
  await focusAt(page, 'main');
  await tabTo(page, 'Nova campanha');
  await press(page, 'Enter');
  await focusOn(page, 'Nome');
  await page.keyboard.type('Primeira');
  await press(page, 'Enter');
  await page.getByRole('row', { name: 'Primeira' }).waitFor();
  await closed(page);
  await focusAt(page, 'campaigns-title');
});
