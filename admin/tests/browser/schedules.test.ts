import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report, Schedule } from '../../src/api/types';
import { launch } from './chromium.mjs';
import { accessible, figuresShown, focusOn, open, toast } from './page';
import { daysAgo, drain, mailsTo, STACK_URL, Store } from './stack';

let browser: Browser;
let store: Store;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  await store.seed();
});

afterAll(() => browser.close());

/** What the page asks for next, as the system understood it. */
async function reportAsked(page: Page): Promise<Report> {
  const answer = await page.waitForResponse(
    (each) => each.request().method() === 'POST' && each.url().endsWith('/reports'),
  );
  const { id } = (await answer.json()) as { id: string };
  return (await store.call('GET', `/reports/${id}`)) as Report;
}

describe('scheduled reports', () => {
  const schedules = async (): Promise<Schedule[]> =>
    ((await store.call('GET', '/report-schedules')) as { items: Schedule[] }).items;

  it('are added, paused, resumed and deleted', async () => {
    const { page } = await open(browser, { account: store.account, path: '/?view=schedules' });
    await page.getByText('Nenhum relatório programado').waitFor();
    await accessible(page, 'no schedules');
    await page.getByRole('button', { name: 'Programar relatório' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Programar' }).click();
    await dialog.getByText('Informe um email válido').waitFor();
    await dialog.getByLabel('Email').fill('ana@loja.example');
    await dialog.getByRole('button', { name: /Frequência/ }).click();
    await page.getByRole('option', { name: 'Todo dia', exact: true }).click();
    await accessible(page, 'new schedule');
    await dialog.getByRole('button', { name: 'Programar' }).click();
    await toast(page, 'Relatório programado para ana@loja.example');
    expect(await schedules()).toMatchObject([{ email: 'ana@loja.example', frequency: 'daily', status: 'active' }]);

    const menu = page.getByRole('button', { name: 'Ações do relatório para ana@loja.example' });
    const row = page.getByRole('row', { name: /ana@loja.example/ });
    await row.getByText('Ainda nenhum').waitFor();
    await row.getByText(/06:00|6:00/).waitFor();
    await menu.click();
    await page.getByRole('menuitem', { name: 'Editar' }).click();
    await dialog.getByRole('button', { name: /Frequência/ }).click();
    await page.getByRole('option', { name: 'Todo dia 1º' }).click();
    await accessible(page, 'editing a schedule');
    await dialog.getByRole('button', { name: 'Salvar' }).click();
    await toast(page, 'Relatório programado para ana@loja.example alterado');
    expect(await schedules()).toMatchObject([{ email: 'ana@loja.example', frequency: 'monthly', status: 'active' }]);
    await menu.click();
    const sent = reportAsked(page);
    await page.getByRole('menuitem', { name: 'Enviar agora' }).click();
    const { from, to } = await sent;
    expect([from.slice(-2), from.slice(0, 7)]).toEqual(['01', to.slice(0, 7)]);
    await toast(page, 'Relatório enviado para ana@loja.example');
    await menu.click();
    await page.getByRole('menuitem', { name: 'Pausar' }).click();
    await toast(page, 'pausado');
    expect((await schedules())[0]?.status).toBe('paused');
    await menu.click();
    await page.getByRole('menuitem', { name: 'Retomar' }).click();
    await toast(page, 'retomado');
    expect((await schedules())[0]?.status).toBe('active');
    await accessible(page, 'schedules');

    await menu.click();
    await page.getByRole('menuitem', { name: 'Excluir' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Excluir' }).click();
    await toast(page, 'Relatório programado excluído');
    expect(await schedules()).toEqual([]);
    await page.getByText('Nenhum relatório programado').waitFor();
  });
});

it('a recipient who unsubscribed is named as such, and resuming isn’t offered', async () => {
  const gone = await Store.make();
  const email = `${gone.account}@loja.example`;
  await gone.call('POST', '/report-schedules', { email, frequency: 'daily' });
  await gone.call('POST', '/reports', { email, from: daysAgo(2), to: daysAgo(1) });
  await drain();
  const [mail = ''] = await mailsTo(email);
  const link = /List-Unsubscribe: <(?:[^>]*?)(\/u\/[^>]+)>/i.exec(mail.replace(/\r?\n[ \t]+/g, ''))?.[1] ?? '';
  expect((await fetch(new URL(link, STACK_URL), { method: 'POST' })).status).toBe(200);
  const { page } = await open(browser, { account: gone.account, path: '/?view=schedules' });
  const row = page.getByRole('row', { name: new RegExp(email) });
  await row.getByText('O destinatário cancelou o recebimento').waitFor();
  await row.getByText('só ele pode retomar').waitFor();
  await row.getByText('Enquanto pausado, nenhum').waitFor();
  await page.getByRole('button', { name: /Ações do relatório/ }).click();
  await page.getByRole('menu').waitFor();
  expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Editar', 'Excluir']);
  await accessible(page, 'a schedule to nobody');
});

it('the report’s range is the one on the page, and can be another', async () => {
  const { page } = await open(browser, { account: store.account, path: `/?from=${daysAgo(3)}&to=${daysAgo(2)}` });
  await figuresShown(page);
  await page.getByRole('button', { name: 'Enviar relatório' }).click();
  const dialog = page.getByRole('dialog');
  const [from, to] = [dialog.getByLabel('Do dia'), dialog.getByLabel('Até o dia')];
  expect([await from.inputValue(), await to.inputValue()]).toEqual([daysAgo(3), daysAgo(2)]);
  await dialog.getByLabel('Email').fill('ana@loja.example');
  await from.fill(daysAgo(1));
  await dialog.getByRole('button', { name: 'Enviar relatório' }).click();
  await dialog.getByText('Informe até 366 dias').waitFor();
  await focusOn(page, 'Do dia');
  await accessible(page, 'a report of days that are none');
  await dialog.getByRole('button', { name: /Dias$/ }).click();
  await page.getByRole('option', { name: 'Mês passado', exact: true }).click();
  await dialog.getByRole('button', { name: /Campanha$/ }).click();
  await page.getByRole('option', { name: 'Carrinho abandonado' }).click();
  await dialog.getByText('Excel (.xlsx)').click();
  const sent = reportAsked(page);
  await dialog.getByRole('button', { name: 'Enviar relatório' }).click();
  const report = await sent;
  expect(report).toMatchObject({ format: 'xlsx', email: 'ana@loja.example' });
  expect(report.campaignId).toBeTruthy();
  expect(report.from.slice(-2)).toBe('01');
  // The file itself, beside the mail.
  const asked = page.waitForRequest(/\/reports\/[^/]+\/download$/);
  await dialog.getByRole('button', { name: 'Baixar agora' }).click();
  await asked;
});
