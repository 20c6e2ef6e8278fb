import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, figuresShown, open, openMenu, toast } from './page';
import { attachment, drain, mailsTo, Store, type Seeded } from './stack';

let browser: Browser;
let store: Store;
let seeded: Seeded;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  seeded = await store.seed();
});

afterAll(() => browser.close());
describe('sending a report', () => {
  it('refuses what is no address, then mails the right CSV and says so', async () => {
    const { page } = await open(browser, { account: store.account, path: '/?range=last7' });
    await figuresShown(page);
    await page.getByRole('button', { name: 'Enviar relatório' }).click();
    const dialog = page.getByRole('dialog');
    const email = dialog.getByLabel('Email');
    for (const wrong of ['', 'ana', 'ana@loja', 'ana@loja.example,eva@loja.example']) {
      await email.fill(wrong);
      await dialog.getByRole('button', { name: 'Enviar relatório' }).click();
      await dialog.getByText('Informe um email válido').waitFor();
    }
    await accessible(page, 'report with an error');
    const address = `${store.account}@loja.example`;
    await email.fill(address);
    await dialog.getByText('CSV', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Enviar relatório' }).click();
    await dialog.getByText(`Relatório enviado para ${address}`).waitFor();
    await dialog.getByText('2 compras no arquivo').waitFor();
    await accessible(page, 'report mailed');

    const [mail, ...others] = await mailsTo(address);
    expect(others).toEqual([]);
    const rows = attachment(mail ?? '')
      .trim()
      .split('\r\n');
    expect(rows[0]).toBe(
      'userId,deliveredReminderAt,readReminderAt,orderCreatedAt,hasClickedOnReminder,checkoutItems,orderItems,orderTotal,currency,orderFormId',
    );
    expect(rows).toHaveLength(3);
    expect(rows[1]).toContain('119.80,BRL');
    expect(rows[2]).toContain('42.00,USD');
  });

  it('mails a workbook about one campaign, and tells after its window was closed', async () => {
    const other = await store.campaign({ name: 'Sem compras' });
    const { page } = await open(browser, {
      account: store.account,
      path: `/?range=last7&campaign=${other.campaignId}`,
    });
    await figuresShown(page);
    await page.getByText('Só a campanha Sem compras').waitFor();
    await page.getByRole('button', { name: 'Enviar relatório' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Sem compras' }).waitFor();
    const address = `excel-${store.account}@loja.example`;
    let closed = false;
    await page.route(/\/reports\/[^/]+$/, async (route) => {
      const response = await route.fetch();
      const report = (await response.json()) as object;
      await route.fulfill({ response, json: closed ? report : { ...report, status: 'running' } });
    });
    await dialog.getByLabel('Email').fill(address);
    // Offered first, and chosen.
    const formats = dialog.getByRole('radio');
    expect(await formats.first().isChecked()).toBe(true);
    await dialog.getByText('Excel (.xlsx)', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Enviar relatório' }).click();
    await dialog.getByText(`Preparando o relatório para ${address}`).waitFor();
    await accessible(page, 'report under way');
    await page.keyboard.press('Escape');
    await drain();
    closed = true;
    await toast(page, `Relatório enviado para ${address}`);
    const [mail] = await mailsTo(address);
    expect(mail).toContain('.xlsx');
    // A zip; what stands in it is judged by another reader (infra/checks/workbook.sh).
    expect(attachment(mail ?? '')).toMatch(/^PK/);
  });

  it('shows a failure and asks again on demand', async () => {
    const { page } = await open(browser, { account: store.account, path: '/?range=last7' });
    await figuresShown(page);
    await page.route(/\/reports\/[^/]+$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as object), status: 'failed' } });
    });
    await page.getByRole('button', { name: 'Enviar relatório' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Email').fill('falha@loja.example');
    await dialog.getByRole('button', { name: 'Enviar relatório' }).click();
    await dialog.getByText('O relatório para falha@loja.example não foi enviado').waitFor();
    await accessible(page, 'report failed');
    await page.unrouteAll({ behavior: 'wait' });
    await dialog.getByRole('button', { name: 'Enviar de novo' }).click();
    await dialog.getByText('Relatório enviado para falha@loja.example').waitFor();
  });
});

describe('a campaign', () => {
  it('is created', async () => {
    const { page } = await open(browser, { account: store.account });
    await page.getByRole('button', { name: 'Nova campanha' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Criar campanha' }).click();
    await dialog.getByText('Informe um nome de até 80 caracteres').waitFor();
    await dialog.getByLabel('Nome').fill('Boas-vindas');
    await dialog.getByRole('button', { name: /Tipo de mensagem/ }).click();
    await page.getByRole('option', { name: 'Cupom' }).click();
    await accessible(page, 'new campaign');
    await dialog.getByRole('button', { name: 'Criar campanha' }).click();
    await toast(page, 'Campanha Boas-vindas criada');
    const made = (await store.campaigns()).find((each) => each.name === 'Boas-vindas');
    expect(made).toMatchObject({ language: 'pt-BR', messageType: 'coupon', status: 'active' });
    await page.getByRole('row', { name: 'Boas-vindas' }).waitFor();
  });

  it('is edited after a look at the changes, and remembers who did it', async () => {
    const { campaignId } = await store.campaign({ name: 'Para editar' });
    const { page } = await open(browser, { account: store.account });
    await openMenu(page, 'Para editar', 'Editar');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /Idioma/ }).click();
    await page.getByRole('option', { name: 'Espanhol' }).click();
    await dialog.getByRole('button', { name: 'Continuar' }).click();
    await dialog.getByText('Idioma: de Português (Brasil) para Espanhol').waitFor();
    await accessible(page, 'confirm an edit');
    const held = (await store.campaigns()).find((each) => each.campaignId === campaignId);
    expect(held?.language, 'nothing is changed before the confirmation').toBe('pt-BR');
    await dialog.getByRole('button', { name: 'Confirmar' }).click();
    await toast(page, 'Campanha Para editar atualizada');
    const now = (await store.campaigns()).find((each) => each.campaignId === campaignId);
    expect(now).toMatchObject({ language: 'es', messageType: 'image', version: 2 });

    await openMenu(page, 'Para editar', 'Histórico');
    await page.getByRole('dialog').getByText('Idioma: de Português (Brasil) para Espanhol').waitFor();
    await page.getByRole('dialog').getByText('Criou a campanha').waitFor();
    await accessible(page, 'history');
  });

  it('is not overwritten when someone else changed it meanwhile', async () => {
    const { campaignId } = await store.campaign({ name: 'Disputada' });
    const { page } = await open(browser, { account: store.account });
    await openMenu(page, 'Disputada', 'Editar');
    await store.call('PATCH', `/campaigns/${campaignId}`, { messageType: 'text' }, { 'if-match': '"1"' });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /Idioma/ }).click();
    await page.getByRole('option', { name: 'Inglês' }).click();
    await dialog.getByRole('button', { name: 'Continuar' }).click();
    await dialog.getByRole('button', { name: 'Confirmar' }).click();
    await dialog.getByText('Outra pessoa alterou esta campanha').waitFor();
    await dialog.getByText('Agora: Disputada, Português (Brasil), Texto').waitFor();
    await accessible(page, 'edited meanwhile');
    await dialog.getByRole('button', { name: 'Revisar com a versão atual' }).click();
    await dialog.getByText('Tipo de mensagem: de Texto para Imagem').waitFor();
    await dialog.getByRole('button', { name: 'Confirmar' }).click();
    await toast(page, 'Campanha Disputada atualizada');
    const now = (await store.campaigns()).find((each) => each.campaignId === campaignId);
    expect(now).toMatchObject({ language: 'en-US', messageType: 'image', version: 3 });
  });

  it('is paused and resumed, and senders are told', async () => {
    const { campaignId, name } = seeded.campaign;
    const ask = async (): Promise<number> =>
      (await store.signed(`/sends/${store.account}`, 'application/json', { campaignId })).status;
    expect(await ask()).toBe(201);
    const { page } = await open(browser, { account: store.account });
    await openMenu(page, name, 'Pausar');
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('Nenhuma mensagem nova desta campanha será enviada').waitFor();
    await dialog.getByText('continuam sendo contados').waitFor();
    await accessible(page, 'pause');
    await dialog.getByRole('button', { name: 'Confirmar' }).click();
    await toast(page, `Campanha ${name} pausada`);
    await page.getByRole('row', { name }).getByText('Pausada').waitFor();
    expect(await ask()).toBe(409);
    expect((await store.campaigns()).find((each) => each.campaignId === campaignId)?.status).toBe('paused');

    await openMenu(page, name, 'Retomar');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Confirmar' }).click();
    await toast(page, `Campanha ${name} retomada`);
    expect(await ask()).toBe(201);
  });
});
