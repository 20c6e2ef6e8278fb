import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { accessible, focusOn, open, overflowing, tabTo } from './page';
import { messagesOf, phones } from './phones';
import { cartLeft, drain, Store, tick } from './stack';

/** No other test takes these numbers. */
const [NUMBER, BUSY_NUMBER] = ['5550100209', '5550100219'] as const;

/** Carts by what becomes of them. */
const CARTS = {
  reminded: 'a'.repeat(32),
  small: 'b'.repeat(32),
  nobody: 'c'.repeat(32),
  anonymous: 'd'.repeat(32),
  waiting: 'e'.repeat(32),
};

/** More than a page of the list holds. */
const MANY = 60;

let browser: Browser;
let store: Store;
/** Of many carts that nobody can be reminded of. */
let busy: Store;

beforeAll(async () => {
  [browser, store, busy] = await Promise.all([launch(), Store.make(), Store.make()]);
  await store.sends(NUMBER);
  await busy.sends(BUSY_NUMBER);
  await store.events([
    cartLeft(CARTS.reminded, { phone: '+5511985550161' }),
    cartLeft(CARTS.small, { phone: '+5511985550162', value: 500 }),
    cartLeft(CARTS.nobody),
    cartLeft(CARTS.anonymous, { phone: '******0163' }),
    cartLeft(CARTS.waiting, { phone: '+5511985550162', lastActivityAt: new Date().toISOString() }),
  ]);
  await busy.events(Array.from({ length: MANY }, (_, index) => cartLeft(String(index).padStart(32, 'f'))));
  await tick();
  await buy();
});

/** Whoever was reminded reads the message, taps its link and buys. */
async function buy(): Promise<void> {
  const { id, link = '' } = (await messagesOf(NUMBER))[0] ?? {};
  await phones('', { act: 'status', id, status: 'read' });
  await fetch(link, { redirect: 'manual' });
  const at = new Date().toISOString();
  const order = { orderGroup: 'v5001', orderId: 'v5001-01', status: 'payment-approved', createdAt: at, changedAt: at };
  const data = { ...order, orderFormId: CARTS.reminded, currency: 'BRL', value: 11_980, items: [] };
  await store.events([{ type: 'order.updated', hoursAgo: 0, data }]);
  await drain();
}

afterAll(async () => {
  await Promise.all([store.leave(), busy.leave()]);
  await browser.close();
});

it('shows how many carts came how far, and why others didn’t', async () => {
  const { page, faults } = await open(browser, { account: store.account });
  await page.getByRole('link', { name: 'Carrinhos', exact: true }).click();
  const step = (name: string): Promise<string | null> => page.locator(`.funnel-step.${name} strong`).textContent();
  const steps = ['carts', 'eligible', 'accepted', 'delivered', 'read', 'clicked', 'bought'];
  await expect.poll(() => Promise.all(steps.map(step))).toEqual(['4', '1', '1', '1', '1', '1', '1']);
  await page.getByText('25% dos carrinhos').first().waitFor();
  for (const reason of [
    'O carrinho não tem telefone',
    'O telefone está mascarado',
    'O carrinho vale menos que o mínimo',
  ])
    await page
      .getByRole('row', { name: new RegExp(reason) })
      .getByText('25%')
      .waitFor();
  await accessible(page, 'carts');
  expect(await overflowing(page)).toBe(false);
  expect(faults).toEqual([]);
});

it('leads from a reason to its carts, and from there to each step of one', async () => {
  const { page, faults } = await open(browser, { account: store.account, path: '/?view=carts' });
  const rows = page.locator('.carts-table tbody tr');
  await page.getByRole('link', { name: 'Ver os carrinhos: O carrinho vale menos que o mínimo da campanha' }).click();
  await focusOn(page, 'Carrinhos decididos');
  await expect.poll(() => rows.count()).toBe(1);
  await rows.getByText(CARTS.small).waitFor();
  await page.reload();
  await expect.poll(() => rows.count()).toBe(1);
  expect(await page.getByLabel('Resultado').inputValue()).toBe('below-minimum');
  await rows.getByRole('link', { name: `Por quê: carrinho ${CARTS.small}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('status')
    .getByText(/^Sem lembrete: o carrinho vale menos que o mínimo da campanha \(decidido em .+\)\.$/)
    .waitFor();
  const step = (name: string) => dialog.getByRole('listitem').filter({ hasText: name });
  expect(await dialog.getByRole('listitem').count()).toBe(13);
  await step('Há um telefone').getByText('Passa', { exact: true }).waitFor();
  expect(await dialog.locator('[aria-current="step"]').allTextContents()).toEqual([
    'O valor chega ao mínimoDecideO carrinho vale menos que o mínimo da campanha',
  ]);
  await step('O horário e os limites').getByText('Não olhado').waitFor();
  await accessible(page, 'a cart that was skipped');
  await dialog.getByRole('button', { name: 'Fechar' }).last().click();
  await focusOn(page, `Por quê: carrinho ${CARTS.small}`);
  expect(new URL(page.url()).searchParams.get('reason')).toBe('below-minimum');
  await page.getByLabel('Resultado').selectOption('reminded');
  await rows.getByText(CARTS.reminded).waitFor();
  await rows.getByText('aceito pela Meta').waitFor();
  await page.getByLabel('Resultado').selectOption('heldOut');
  await page.getByRole('button', { name: 'Ver todos os resultados' }).click();
  await expect.poll(() => rows.count()).toBe(4);
  expect(faults).toEqual([]);
});

it('says why a cart wasn’t reminded of by its id, at an address that can be sent on', async () => {
  const { page, faults } = await open(browser, { account: store.account, path: `/?view=carts&cart=${CARTS.reminded}` });
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/^Lembrete enviado em .+ e aceito pela Meta\.$/).waitFor();
  expect(await dialog.getByText('Passa', { exact: true }).count()).toBe(13);
  expect(await dialog.locator('[aria-current="step"]').count()).toBe(0);
  await accessible(page, 'a cart that was reminded of');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  await tabTo(page, 'ID do carrinho ou telefone');
  await page.keyboard.press('Enter');
  await page.getByText('Informe o ID de um carrinho').waitFor();
  await page.keyboard.type(CARTS.waiting);
  await page.keyboard.press('Enter');
  await dialog.getByText(/^Ainda sem lembrete: a pessoa esteve ativa há pouco; será olhado em .+\.$/).waitFor();
  const away = dialog.locator('[aria-current="step"]');
  await away.getByText('A pessoa saiu há tempo suficiente').waitFor();
  await away.getByText(/^Espera até /).waitFor();
  // Those behind it are judged, too.
  await dialog.getByRole('listitem').filter({ hasText: 'chega ao mínimo' }).getByText('Passa').waitFor();
  await accessible(page, 'a cart that waits');
  await page.keyboard.press('Escape');
  await focusOn(page, 'ID do carrinho ou telefone');

  await page.getByRole('searchbox').fill('9'.repeat(32));
  await page.keyboard.press('Enter');
  await dialog.getByText('O sistema não conhece este carrinho.').waitFor();
  expect(await dialog.getByRole('button', { name: 'Copiar link' }).count()).toBe(0);
  await accessible(page, 'a cart that nobody knows');
  expect(faults).toEqual([]);
});

it('finds the carts of a phone number, which comes into no address', async () => {
  const { page, faults } = await open(browser, { account: store.account, path: '/?view=carts' });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const search = page.getByRole('searchbox');
  const find = page.getByRole('button', { name: 'Por que não foi lembrado?' });
  await search.fill('(11) 98555-0162');
  await find.click();
  const found = page.locator('.carts-found');
  await found.getByText('2 carrinhos deste telefone:').waitFor();
  expect(await found.getByRole('link').allTextContents()).toEqual([CARTS.waiting, CARTS.small]);
  await found.getByText(/^Ainda sem lembrete: será olhado em /).waitFor();
  await found.getByText(/^Sem lembrete: o carrinho vale menos que o mínimo/).waitFor();
  await accessible(page, 'the carts of a phone number');
  await found.getByRole('link', { name: CARTS.waiting }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('a pessoa esteve ativa há pouco').waitFor();
  expect(new URL(page.url()).searchParams.get('cart')).toBe(CARTS.waiting);
  await page.keyboard.press('Escape');
  await focusOn(page, CARTS.waiting);

  await search.fill('11 98555-0169');
  await find.click();
  await found.getByText('Nenhum carrinho foi encontrado por este telefone.').waitFor();
  await found.getByText('O ID do carrinho (orderFormId) sempre o encontra.').waitFor();
  await accessible(page, 'a phone number without carts');
  await search.fill('98555');
  await find.click();
  await page.getByText('Isto não é um ID de carrinho nem um telefone com DDD.').waitFor();
  expect(asked.concat(page.url()).filter((url) => url.includes('98555'))).toEqual([]);
  expect(faults).toEqual([]);
});

it('follows a cart that is held up, until it can go on', async () => {
  const sending = await sendingOf(busy);
  // Held up for a quarter of an hour, whenever the stack's own schedule comes by.
  await busy.call('PUT', '/account/sending', { ...sending, enabled: false });
  await busy.events([cartLeft(CARTS.waiting)]);
  await tick();
  const { page, faults } = await open(browser, {
    account: busy.account,
    path: `/?view=carts&cart=${CARTS.waiting}`,
    before: (opened) => opened.clock.install(),
  });
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/^Ainda sem lembrete: o envio automático está desligado; será olhado /).waitFor();
  const deciding = dialog.locator('[aria-current="step"]');
  await deciding.getByText(/^O envio automático está desligado; de novo em /).waitFor();
  await accessible(page, 'a cart that is held up');
  const cure = dialog.getByRole('link', { name: 'Abrir Envio: quando as mensagens saem' });
  expect(await cure.getAttribute('href')).toBe(`/?view=sending&account=${busy.account}#sending-title`);
  await busy.call('PUT', '/account/sending', { ...sending, enabled: true });
  await page.clock.fastForward(31_000);
  await dialog
    .getByText(/^Ainda sem lembrete: como está agora, ficaria sem \(o carrinho não tem telefone\); /)
    .waitFor();
  expect(await deciding.getByText('O carrinho não tem telefone').count()).toBe(1);
  expect(await cure.count()).toBe(0);
  expect(faults).toEqual([]);
});

it('opens where the reason can be done away with', async () => {
  const { page } = await open(browser, { account: store.account, path: `/?view=carts&cart=${CARTS.small}` });
  await page.getByRole('dialog').getByRole('link', { name: 'Abrir Envio: o que é enviado' }).click();
  await focusOn(page, 'O que é enviado automaticamente');
  expect(new URL(page.url()).searchParams.get('cart')).toBeNull();
});

it('shows more where there are more carts than a page', async () => {
  const { page } = await open(browser, { account: busy.account, path: '/?view=carts&outcome=skipped&reason=no-phone' });
  const rows = page.locator('.carts-table tbody tr');
  await expect.poll(() => rows.count()).toBe(50);
  await page.getByRole('button', { name: 'Carregar mais' }).click();
  await expect.poll(() => rows.count()).toBe(MANY);
  expect(await page.getByRole('button', { name: 'Carregar mais' }).count()).toBe(0);
  expect(new Set(await rows.getByRole('rowheader').allTextContents()).size).toBe(MANY);
});

it('goes on over pages without a cart', async () => {
  const { page } = await open(browser, {
    account: store.account,
    path: '/?view=carts&outcome=skipped&reason=no-phone',
    before: async (opened) => {
      let pages = 0;
      await opened.route(/\/carts\?/, (route) =>
        pages++ < 2
          ? route.fulfill({ json: { items: [], next: `page-${pages}` } })
          : route.continue({
              url: route
                .request()
                .url()
                .replace(/&cursor=[^&]*/, ''),
            }),
      );
    },
  });
  const rows = page.locator('.carts-table tbody tr');
  await rows.getByText(CARTS.nobody).waitFor();
  expect(await rows.count()).toBe(1);
});

it('finds carts by their id alone for whoever may only read', async () => {
  const { page } = await open(browser, { account: store.account, path: '/?view=carts&scope=admin:read' });
  const search = page.getByLabel('ID do carrinho', { exact: true });
  await search.fill('(11) 98555-0162');
  await page.keyboard.press('Enter');
  await page.getByText('Só quem tem acesso de escrita pode procurar por telefone.').waitFor();
  await accessible(page, 'carts to read');
  await search.fill(CARTS.nobody);
  await page.keyboard.press('Enter');
  await page
    .getByRole('dialog')
    .getByText(/^Sem lembrete: o carrinho não tem telefone \(/)
    .waitFor();
});

it.each(['pt-BR', 'en-US', 'es'])('fits a phone in %s', async (locale) => {
  const { page } = await open(browser, {
    account: store.account,
    path: `/?view=carts&cart=${CARTS.small}`,
    viewport: { width: 390, height: 844 },
    locale,
  });
  await page.getByRole('dialog').locator('.gate-steps').waitFor();
  expect(await overflowing(page)).toBe(false);
  await accessible(page, 'a cart on a phone');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('.carts-table tbody tr').first().waitFor();
  expect(await overflowing(page)).toBe(false);
  await accessible(page, 'carts on a phone');
});

/** What the store sends by, without what it answers beside that. */
async function sendingOf(of: Store): Promise<Record<string, unknown>> {
  const { hours, cooldownHours, consent } = (await of.call('GET', '/account/sending')) as Record<string, unknown>;
  return { hours, cooldownHours, consent };
}
