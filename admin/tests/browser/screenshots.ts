import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { launch } from './chromium.mjs';
import { Edge } from './edge';
import { Host } from './host';
import { Issuer } from './issuer';
import { faded, figuresShown, open, openMenu, toast } from './page';
import { STACK_URL, Store, TIME_ZONE } from './stack';

/** The demo store, which the stack loads when it isn't told otherwise. */
const DEMO = 'demo';
const FOLDER = 'screenshots';

let browser: Browser;
let empty: Store;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  [browser, empty] = await Promise.all([launch(), Store.make()]);
});

afterAll(() => browser.close());

/** `whole`: the page to its end, not only what the window shows. `waiting`: requests stay open in this state. */
type Options = Parameters<typeof open>[1] & { whole?: boolean; waiting?: boolean };

function shot(name: string, options: Options, reach: (page: Page) => Promise<void> = figuresShown): void {
  it(name, async () => {
    const { page } = await open(browser, { account: DEMO, path: '/?range=last30', timezoneId: TIME_ZONE, ...options });
    await reach(page);
    if (!options.waiting) await page.waitForLoadState('networkidle');
    await picture(page, name, options.whole);
  });
}

/** Takes the picture once nothing moves any more. */
async function picture(page: Page, name: string, whole = false): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await faded(page);
  await page.screenshot({ path: `${FOLDER}/${name}.png`, fullPage: whole });
}

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;
const CART = 'Carrinho abandonado';

/** As a store with one currency sees it. */
async function oneCurrency(page: Page): Promise<void> {
  await page.route(/\/metrics\?/, async (route) => {
    const response = await route.fetch();
    const text = (await response.text())
      .replaceAll(/,?\{"currency":"USD","amount":"[\d.]+"\}/g, '')
      .replaceAll('[,', '[');
    await route.fulfill({ response, body: text });
  });
}

async function calendar(page: Page): Promise<void> {
  await figuresShown(page);
  await page.locator('.range-button').click();
  await page.getByRole('grid').first().waitFor();
}

async function report(page: Page): Promise<void> {
  await figuresShown(page);
  await page.locator('.page-title .primary').click();
  await page.getByRole('dialog').waitFor();
}

shot('overview', { whole: true });
shot('overview-today', { path: '/?range=today', whole: true });
shot('overview-dark', { colorScheme: 'dark', whole: true });
shot('overview-en', { locale: 'en-US', whole: true });
shot('overview-es', { locale: 'es-MX', whole: true });
shot('overview-phone', { ...PHONE, whole: true });
shot('overview-embedded', { viewport: { width: 1126, height: 800 }, whole: true });
shot('overview-one-currency', { path: '/?range=yesterday', whole: true, before: oneCurrency });
shot('overview-tablet', { viewport: { width: 820, height: 1180 }, whole: true });
shot('calendar', {}, calendar);
shot('calendar-dark', { colorScheme: 'dark' }, calendar);
shot('calendar-phone', PHONE, calendar);
shot('chart', {}, async (page) => {
  await figuresShown(page);
  await page.getByRole('slider').focus();
  await page.keyboard.press('ArrowLeft');
});
shot('chart-table', {}, async (page) => {
  await figuresShown(page);
  await page.getByRole('button', { name: 'Ver como tabela' }).click();
});
shot('chart-table-phone', PHONE, async (page) => {
  await figuresShown(page);
  await page.getByRole('button', { name: 'Ver como tabela' }).click();
  await page.locator('.daily-table').scrollIntoViewIfNeeded();
});
shot('chart-figure', { path: '/?range=last30&figure=conversionValue' });
shot('chart-figure-phone', { ...PHONE, path: '/?range=last30&figure=conversionValue' });
shot('chart-weeks-dark', { colorScheme: 'dark', path: '/?range=last90&figure=delivered' });
/** A view in each language, in the dark and on a phone. */
function views(name: string, path: string, reach: (page: Page) => Promise<void>): void {
  shot(name, { path, whole: true }, reach);
  shot(`${name}-dark`, { colorScheme: 'dark', path, whole: true }, reach);
  shot(`${name}-en`, { locale: 'en-US', path, whole: true }, reach);
  shot(`${name}-es`, { locale: 'es-MX', path, whole: true }, reach);
  shot(`${name}-phone`, { ...PHONE, path, whole: true }, reach);
}

const settled = (page: Page): Promise<void> => page.locator('.setup-form').first().waitFor();
views('settings', '/?view=settings', settled);
shot('settings-read-only', { path: '/?view=settings&scope=admin:read', whole: true }, settled);
shot('erase', { path: '/?view=settings' }, (page) => page.getByRole('button', { name: 'Apagar cliente' }).click());
shot('connect-vtex', { path: '/?view=settings' }, (page) =>
  page.getByRole('button', { name: 'Conectar VTEX' }).click(),
);
views('sending', '/?view=sending', (page) => page.locator('.hours-section').waitFor());
const CARTS = '/?view=carts&range=last7';
views('carts', CARTS, (page) => page.locator('.carts-table tbody tr').first().waitFor());
/** Why the first cart of a reason wasn't reminded of. */
const whyNot = async (page: Page): Promise<void> => {
  await page.locator('.carts-table tbody tr .button').first().click();
  await page.getByRole('dialog').getByRole('listitem').first().waitFor();
};
shot('cart-skipped', { path: `${CARTS}&outcome=skipped&reason=cooldown` }, whyNot);
shot('cart-reminded-dark', { colorScheme: 'dark', path: `${CARTS}&outcome=reminded` }, whyNot);
shot('cart-skipped-phone', { ...PHONE, path: `${CARTS}&outcome=skipped&reason=below-minimum` }, whyNot);
shot('report-dark', { colorScheme: 'dark' }, report);
shot('help', {}, async (page) => {
  await figuresShown(page);
  await page.keyboard.press('Tab');
  await page.locator('.figures').getByRole('button', { name: 'Cliques únicos', exact: true }).focus();
  await page.getByRole('tooltip').waitFor();
});
shot('menu', {}, async (page) => {
  await page.getByRole('button', { name: `Ações de ${CART}` }).click();
  await page.getByRole('menu').waitFor();
});
shot('report', {}, report);
shot('report-phone', PHONE, report);
shot('report-invalid', {}, async (page) => {
  await report(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Enviar relatório' }).click();
});
shot('report-mailed', {}, async (page) => {
  await report(page);
  await page.getByRole('dialog').getByLabel('Email').fill('ana@demo.example');
  await page.getByRole('dialog').getByRole('button', { name: 'Enviar relatório' }).click();
  await page.getByText('Relatório enviado para').waitFor();
});
shot('edit', {}, (page) => openMenu(page, CART, 'Editar'));
shot('edit-confirm', {}, async (page) => {
  await openMenu(page, CART, 'Editar');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Idioma/ })
    .click();
  await page.getByRole('option', { name: 'Espanhol' }).click();
  await page.getByRole('button', { name: 'Continuar' }).click();
});
shot('pause', {}, (page) => openMenu(page, CART, 'Pausar'));
shot('history', {}, (page) => openMenu(page, CART, 'Histórico'));
shot('campaign', {}, async (page) => {
  await page.getByRole('button', { name: CART, exact: true }).click();
  await page.getByText(`Só a campanha ${CART}`).waitFor();
});
shot('create', {}, (page) => page.getByRole('button', { name: 'Nova campanha' }).click());
shot('purchases', { path: '/?range=last30&view=purchases' }, (page) => page.getByRole('table').waitFor());
shot('purchases-phone', { ...PHONE, path: '/?range=last30&view=purchases' }, (page) =>
  page.getByRole('table').waitFor(),
);
shot('purchases-en', { locale: 'en-US', path: '/?range=last30&view=purchases' }, (page) =>
  page.getByRole('table').waitFor(),
);
shot('why', { path: '/?range=last30&view=purchases' }, async (page) => {
  await page
    .getByRole('link', { name: /^Por que conta/ })
    .nth(1)
    .click();
  await page.getByRole('dialog').locator('.facts').waitFor();
});
shot('schedule-add', { path: '/?view=schedules' }, (page) =>
  page.getByRole('button', { name: 'Programar relatório' }).click(),
);

it('schedules', async () => {
  const { page } = await open(browser, { account: empty.account, path: '/?view=schedules' });
  await page.getByText('Nenhum relatório programado').waitFor();
  await picture(page, 'schedules-empty');
  await page.getByRole('button', { name: 'Programar relatório' }).click();
  await page.getByRole('dialog').getByLabel('Email').fill('ana@loja.example');
  await page.getByRole('dialog').getByRole('button', { name: 'Programar' }).click();
  await toast(page, 'Relatório programado');
  await page.getByRole('table').waitFor();
  await picture(page, 'schedules');
  await page.setViewportSize({ width: 390, height: 844 });
  await picture(page, 'schedules-phone');
});

it('checklist', async () => {
  await empty.call('PUT', '/account', {
    timeZone: TIME_ZONE,
    language: 'pt-BR',
    phoneNumberIds: [],
    storeUrl: 'https://loja.example',
  });
  const { page } = await open(browser, { account: empty.account });
  await page.getByRole('heading', { name: /^Até os primeiros números/ }).waitFor();
  await page.waitForLoadState('networkidle');
  await picture(page, 'checklist', true);
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'checklist-dark', true);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 844 });
  await picture(page, 'checklist-phone', true);
});

it('empty', async () => {
  const { page } = await open(browser, { account: empty.account });
  await page.getByText('Crie sua primeira campanha').waitFor();
  await picture(page, 'empty');
});

shot('setup', { account: `new-${Date.now()}` }, (page) => page.getByText('Configure sua loja').waitFor());
shot('no-data', { path: '/?from=2026-01-10&to=2026-01-12' });
shot(
  'loading',
  { waiting: true, before: (page) => page.route(/\/(metrics|campaigns)/, () => undefined).then(() => undefined) },
  (page) => page.locator('.figures').waitFor(),
);
shot(
  'error',
  {
    before: (page) =>
      page
        .route(/\/metrics/, (route) =>
          route.fulfill({ status: 500, json: { code: 'internal', requestId: 'req-7f3a' } }),
        )
        .then(() => undefined),
  },
  (page) => page.getByText('Não foi possível carregar esta parte').waitFor(),
);
shot('offline', {}, async (page) => {
  await figuresShown(page);
  await page.context().setOffline(true);
  await page.getByText('Você está sem conexão').waitFor();
});
shot(
  'session-expired',
  {
    before: (page) =>
      page
        .route(/\/(account|metrics|campaigns)/, (route) => route.fulfill({ status: 401, json: {} }))
        .then(() => undefined),
  },
  (page) => page.getByText('Sua sessão expirou').waitFor(),
);

it.each([
  ['frame', {}],
  ['frame-dark', { colorScheme: 'dark' }],
  ['frame-en', { locale: 'en-US' }],
  ['frame-es', { locale: 'es-MX' }],
  ['frame-phone', PHONE],
] as const)('%s', async (name, options) => {
  const [host, issuer] = await Promise.all([Host.start(), Issuer.start()]);
  const edge = await Edge.start(issuer.url, host.url);
  const access = (await (await fetch(`${STACK_URL}/local/token?account=${DEMO}`)).text()).trim();
  issuer.tokens = [{ access, renewable: false }];
  const frame = { origin: host.url, path: host.around(`${edge.url}/?range=last30`), others: [edge.url, issuer.url] };
  const { page } = await open(browser, { timezoneId: TIME_ZONE, ...frame, ...options });
  const inside = page.frameLocator('#app');
  const button = inside.locator('.sign-in .primary');
  // The window that opens is closed at once: as when nobody signs in.
  issuer.asks = true;
  const refused = page.waitForEvent('popup');
  await button.click();
  await (await refused).close();
  await inside.getByRole('alert').waitFor();
  await picture(page, `${name}-sign-in-failed`);
  issuer.asks = false;
  await button.click();
  await inside.locator('.figures[aria-busy="false"]').waitFor();
  await page.waitForLoadState('networkidle');
  await picture(page, name);
  await inside.locator('.page-title .primary').click();
  await inside.getByRole('dialog').waitFor();
  await picture(page, `${name}-report`);
  await Promise.all([host.stop(), edge.stop(), issuer.stop()]);
});

shot('notice-at-the-end', {}, async (page) => {
  await figuresShown(page);
  const row = page.getByRole('row').last();
  await row.waitFor();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await row.getByRole('button', { name: /^Ações de/ }).click();
  await page.getByRole('menuitem', { name: /Pausar|Retomar/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Confirmar' }).click();
  // Under the pointer it stays.
  await page.locator('.toast').hover();
});
