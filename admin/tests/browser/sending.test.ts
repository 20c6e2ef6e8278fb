import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, focusOn, open, overflowing, toast } from './page';
import { messagesOf, phones } from './phones';
import { Store } from './stack';

/** What the stack's stand-in for Meta knows: see the README, *Connect WhatsApp*. No other test takes this number. */
const WABA = '5550100';
const NUMBER = '5550100207';
const TOKEN = 'local-whatsapp-token';

let browser: Browser;
let store: Store;

const SETTINGS = {
  timeZone: 'America/Sao_Paulo',
  language: 'pt-BR',
  phoneNumberIds: [],
  storeUrl: 'https://loja.example',
};

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
});

afterAll(async () => {
  // The number is free for the next run on the same stack.
  await store.call('PUT', '/account', SETTINGS);
  await browser.close();
});

const shown = (): ReturnType<typeof open> => open(browser, { account: store.account, path: '/?view=sending' });

const dialog = (page: Page) => page.locator('.dialog');

it('connects WhatsApp, and says what is wrong at its field', async () => {
  const { page, faults } = await shown();
  await page.getByRole('button', { name: 'Conectar o WhatsApp' }).click();
  await dialog(page).waitFor();
  await accessible(page, 'connecting WhatsApp');
  await dialog(page).getByRole('button', { name: 'Conectar o WhatsApp' }).click();
  await focusOn(page, 'ID da conta comercial do WhatsApp');
  await dialog(page).getByLabel('ID da conta comercial do WhatsApp').fill(WABA);
  await dialog(page).getByLabel('ID do número de telefone').fill(NUMBER);
  await dialog(page).getByLabel('Token de acesso').fill('outro-token');
  await dialog(page).getByRole('button', { name: 'Conectar o WhatsApp' }).click();
  await dialog(page).getByText('A Meta não conhece este token').waitFor();
  await focusOn(page, 'Token de acesso');
  await accessible(page, 'a token that Meta refuses');
  await dialog(page).getByLabel('Token de acesso').fill(TOKEN);
  await dialog(page).getByRole('button', { name: 'Conectar o WhatsApp' }).click();
  await toast(page, 'O WhatsApp está conectado');
  await page.getByText('Conectado Loja Exemplo').waitFor();
  await accessible(page, 'sending');
  expect(await page.content()).not.toContain(TOKEN);
  expect(await overflowing(page)).toBe(false);
  expect(faults).toEqual([]);
});

it('fits a phone', async () => {
  const { page } = await open(browser, {
    account: store.account,
    path: '/?view=sending',
    viewport: { width: 390, height: 844 },
  });
  await page.getByRole('gridcell', { name: 'segunda-feira, 9h' }).waitFor();
  expect(await overflowing(page)).toBe(false);
  await accessible(page, 'sending on a phone');
});

it('sets the hours of a week by keyboard', async () => {
  const { page } = await shown();
  const first = page.getByRole('gridcell', { name: 'segunda-feira, 9h' });
  await first.focus();
  // Monday opens an hour later; a day to the right and below walks with the arrows.
  await page.keyboard.press('Space');
  await page.getByText('segunda-feira: aberto das 10:00 às 20:00').waitFor({ state: 'attached' });
  await page.keyboard.press('ArrowDown');
  await focusOn(page, 'terça-feira, 9h');
  await page.keyboard.press('End');
  await focusOn(page, 'terça-feira, 23h');
  await page.keyboard.press('Enter');
  await page.getByText('terça-feira: aberto das 09:00 às 24:00').waitFor({ state: 'attached' });
  await page.keyboard.press('Control+End');
  await focusOn(page, 'domingo, 23h');
  await page.getByRole('button', { name: 'Fechar domingo' }).click();
  await page.getByLabel('Enviar lembretes automaticamente').check({ force: true });
  await page.getByRole('button', { name: 'Salvar', exact: true }).click();
  await page.getByText('Diga quem aceitou antes que algo seja enviado.').waitFor();
  await accessible(page, 'sending without consent');
  await page.getByText('Todos: nós coletamos o consentimento').click();
  await page.getByRole('button', { name: 'Salvar', exact: true }).click();
  await toast(page, 'Os lembretes saem nestes horários');
  const saved = await store.call('GET', '/account/sending');
  expect(saved).toMatchObject({
    enabled: true,
    consent: 'declared',
    hours: { mon: ['10:00', '20:00'], tue: ['09:00', '24:00'], wed: ['09:00', '20:00'] },
  });
  expect((saved as { hours: Record<string, unknown> }).hours).not.toHaveProperty('sun');
});

it('has a template approved, and shows it as the phone does in the light and in the dark', async () => {
  const { page } = await shown();
  const text = page.locator('[data-template="text"]');
  await text.getByText('Não pedida').waitFor();
  await text.getByRole('button', { name: 'Pedir aprovação' }).click();
  await text.getByText('Aprovada').waitFor();
  await text.getByText('O seu carrinho na Loja Exemplo continua guardado.').waitFor();
  await page.getByRole('button', { name: 'Escuro' }).click();
  await page.getByRole('figure', { name: 'cores escuras' }).first().waitFor();
  await accessible(page, 'templates in the dark');
});

it('sets how a campaign is sent, and sends a test', async () => {
  const campaign = await store.campaign({ name: 'Volte sempre', messageType: 'text' });
  const { page, faults } = await shown();
  await page.getByRole('button', { name: 'Alterar o envio de Volte sempre' }).click();
  await dialog(page).getByLabel('Minutos após a última atividade').fill('5');
  await dialog(page).getByLabel('Enviar esta campanha automaticamente').check({ force: true });
  await dialog(page).getByRole('button', { name: 'Adicionar moeda' }).click();
  await dialog(page).getByLabel('Moeda').fill('brl');
  await dialog(page).getByLabel('Valor').fill('49,905');
  await dialog(page).getByRole('button', { name: 'Salvar' }).click();
  await dialog(page).getByText('Informe minutos inteiros de 20 a 1.440.').waitFor();
  await dialog(page).getByText('Informe cada moeda uma vez').waitFor();
  await accessible(page, 'sending of a campaign');
  await dialog(page).getByLabel('Minutos após a última atividade').fill('90');
  await dialog(page).getByLabel('Valor').fill('49,90');
  // Somebody else edits the campaign meanwhile: nothing of theirs is lost.
  await store.call('PATCH', `/campaigns/${campaign.campaignId}`, { name: 'Volte logo' }, { 'if-match': '"1"' });
  await dialog(page).getByRole('button', { name: 'Salvar' }).click();
  await dialog(page).getByText('Outra pessoa alterou a campanha').waitFor();
  await dialog(page).getByRole('button', { name: 'Salvar' }).click();
  await toast(page, 'Envio de Volte logo salvo');
  await page.getByText('após 90 minutos · a partir da página de pagamento').waitFor();
  expect(await store.call('GET', `/campaigns/${campaign.campaignId}`)).toMatchObject({
    name: 'Volte logo',
    sending: { enabled: true, delayMinutes: 90, minimum: [{ currency: 'BRL', amount: '49.90' }] },
  });

  await page.getByRole('button', { name: 'Enviar um teste de Volte logo' }).click();
  await dialog(page).getByLabel('Número de telefone').fill('(11) 98555-0143');
  await accessible(page, 'a test message');
  await dialog(page).getByRole('button', { name: 'Enviar um teste' }).click();
  await toast(page, 'A mensagem de teste está a caminho');
  const [message] = await messagesOf(NUMBER);
  expect(message).toMatchObject({ to: '5511985550143' });
  expect(message?.text).toContain('O seu carrinho na Loja Exemplo continua guardado.');
  expect(faults).toEqual([]);

  // Who taps Stop is found among those who want no messages.
  await phones('', { act: 'tap', id: message?.id, text: 'Parar' });
  await phones('/deliver', {});
  const optOuts = page.locator('section', { has: page.getByRole('heading', { name: 'Quem não quer mensagens' }) });
  await optOuts.getByLabel('Número de telefone').fill('11 98555-0143');
  await optOuts.getByRole('button', { name: 'Consultar' }).click();
  await optOuts.getByText('Não quer mensagens desde').waitFor();
  await accessible(page, 'an opt-out');
  await optOuts.getByRole('button', { name: 'Quer mensagens de novo' }).click();
  await optOuts.getByText('Quer mensagens de novo desde').waitFor();
  await optOuts.getByRole('button', { name: 'Não quer mensagens' }).click();
  await optOuts.getByText('Não quer mensagens desde').waitFor();
});

it('has a coupon sent by its rank from anywhere in the checkout, with days between two reminders', async () => {
  const campaign = await store.campaign({ name: 'Cupón', language: 'es', messageType: 'coupon' });
  const { page, faults } = await shown();
  await page.getByLabel('Horas entre dois lembretes para a mesma pessoa').fill('23');
  await page.getByRole('button', { name: 'Salvar', exact: true }).click();
  await page.getByText('Informe horas inteiras de 24 a 720.').waitFor();
  await page.getByLabel('Horas entre dois lembretes para a mesma pessoa').fill('72');
  await page.getByRole('button', { name: 'Salvar', exact: true }).click();
  await toast(page, 'Os lembretes saem nestes horários');
  expect(await store.call('GET', '/account/sending')).toMatchObject({ cooldownHours: 72 });

  await page.getByRole('button', { name: 'Alterar o envio de Cupón' }).click();
  await dialog(page).getByLabel('Enviar esta campanha automaticamente').check({ force: true });
  await dialog(page).getByText('Qualquer parte do checkout', { exact: true }).click();
  await dialog(page).getByLabel('Ordem').fill('1.001');
  await dialog(page).getByRole('button', { name: 'Salvar' }).click();
  await dialog(page).getByText('Informe um número inteiro de 0 a 1.000.').waitFor();
  await dialog(page).getByText('Informe um código de 1 a 15 letras e dígitos.').waitFor();
  await dialog(page).getByLabel('Ordem').fill('7');
  await dialog(page).getByLabel('Código do cupom').fill('VOLTA10');
  await accessible(page, 'sending of a coupon');
  await dialog(page).getByRole('button', { name: 'Salvar' }).click();
  await toast(page, 'Envio de Cupón salvo');
  await page.getByText('· cupom VOLTA10').waitFor();
  expect(await store.call('GET', `/campaigns/${campaign.campaignId}`)).toMatchObject({
    sending: { enabled: true, trigger: 'any', rank: 7, couponCode: 'VOLTA10' },
  });
  expect(faults).toEqual([]);
});

it('says what Meta thinks of a template, and asks again', async () => {
  const { page, faults } = await shown();
  const chosen = page.locator('.template-tools');
  await chosen.getByRole('button', { name: /Idioma/ }).click();
  await page.getByRole('option', { name: 'Espanhol' }).click();
  const coupon = page.locator('[data-template="coupon"]');
  await coupon.getByRole('button', { name: 'Pedir aprovação' }).click();
  await coupon.getByText('Aprovada').waitFor();
  for (const [state, tag, text] of [
    ['REJECTED', 'Recusada', 'Recorra no Meta Business Suite.'],
    ['PAUSED', 'Pausada pela Meta', 'Os carrinhos esperam até a Meta retirar a pausa.'],
    ['DISABLED', 'Desativada', 'A Meta a desligou definitivamente.'],
    ['APPROVED', 'Aprovada', 'Pode ser enviada.'],
  ] as const) {
    await phones('', { act: 'judge', name: 'cart_reminder_coupon_1', language: 'es', state });
    // What Meta says folds by whole seconds: of two words of one second the page may have read the first.
    const ask = async (): Promise<string> => {
      await coupon.getByRole('button', { name: 'Verificar de novo' }).click();
      return (await coupon.locator('.tag').textContent()) ?? '';
    };
    await expect.poll(ask, { interval: 250 }).toBe(tag);
    await coupon.getByText(text).waitFor();
  }
  expect(faults).toEqual([]);
});

it('says everywhere that Meta takes nothing, and what to do about it', async () => {
  await phones('/faults', { next: [{ code: 131042 }] });
  const [campaign] = await store.campaigns();
  const test = store.call('POST', `/campaigns/${campaign?.campaignId ?? ''}/test`, { phone: '(11) 98555-0144' });
  await expect(test).rejects.toThrow('account-blocked');
  const { page } = await open(browser, { account: store.account });
  await page.getByText('A Meta não aceita mensagens da sua loja no momento').waitFor();
  await page.getByText('Verifique a forma de pagamento').waitFor();
  await accessible(page, 'a blocked account');
  await page.getByRole('link', { name: 'Envio' }).click();
  await page.getByRole('button', { name: 'Renovar o token' }).click();
  await dialog(page).getByLabel('Token de acesso').fill(TOKEN);
  await dialog(page).getByRole('button', { name: 'Conectar o WhatsApp' }).click();
  await toast(page, 'O WhatsApp está conectado');
  await page.getByText('A Meta não aceita mensagens').waitFor({ state: 'detached' });
});

it('ends a connection when that is confirmed', async () => {
  const { page } = await shown();
  await page.getByRole('button', { name: 'Desconectar' }).click();
  await accessible(page, 'disconnecting');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Desconectar' }).click();
  await toast(page, 'O WhatsApp está desconectado');
  await page.getByText('Conecte o número comercial').waitFor();
});
