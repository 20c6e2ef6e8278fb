import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { Edge } from './edge';
import { Issuer } from './issuer';
import { accessible, figure, figuresShown, focusOn, open, type Opened } from './page';
import { STACK_URL, Store } from './stack';

let browser: Browser;
let store: Store;
let issuer: Issuer;
let edge: Edge;
/** A token that the API takes, and one that it refuses as it refuses an expired one. */
let good: string;
let refused: string;

beforeAll(async () => {
  [browser, store] = await Promise.all([launch(), Store.make()]);
  await store.seed();
  good = (await (await fetch(`${STACK_URL}/local/token?account=${store.account}`)).text()).trim();
  refused = `${good.slice(0, -8)}AAAAAAAA`;
});

afterAll(() => browser.close());

beforeEach(async () => {
  issuer = await Issuer.start();
  edge = await Edge.start(issuer.url);
});

afterEach(() => Promise.all([edge.stop(), issuer.stop()]));

/** The page as it is in the cloud: its configuration names the issuer. */
const openInCloud = (path: string): Promise<Opened> => open(browser, { path, origin: edge.url, others: [issuer.url] });

it('signs in by code and proof key, and comes back to the view', async () => {
  issuer.tokens = [{ access: good, renewable: false }];
  const { page, faults } = await openInCloud('/?range=last30');
  await page.getByText('Entre para ver suas campanhas').waitFor();
  await focusOn(page, 'Entrar');
  await accessible(page, 'sign-in');
  await page.keyboard.press('Enter');
  await figuresShown(page);
  expect(await figure(page, 'sent')).toEqual(['6']);
  expect(new URL(page.url()).search).toBe('?range=last30');
  await page.getByText(`Loja: ${store.account}`).waitFor();
  expect(await page.getByText('Loja de demonstração local').count()).toBe(0);
  expect(issuer.grants).toEqual(['authorization_code']);
  expect(faults).toEqual([]);

  await page.reload();
  await figuresShown(page);
  expect(issuer.grants, 'a reload needs no second sign-in').toEqual(['authorization_code']);
});

it('renews an expired token by itself', async () => {
  issuer.tokens = [{ access: refused, renewable: true }];
  issuer.renewed = good;
  const { page } = await openInCloud('/');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await figuresShown(page);
  expect(issuer.grants).toEqual(['authorization_code', 'refresh_token']);
});

it('asks to sign in again when the session expired, and comes back to the same view', async () => {
  issuer.tokens = [
    { access: refused, renewable: false },
    { access: good, renewable: false },
  ];
  const { page } = await openInCloud('/?view=purchases&range=last30');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByText('Sua sessão expirou').waitFor();
  await accessible(page, 'session expired in the cloud');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByText('Compras do período').waitFor();
  await page.getByRole('table').waitFor();
  expect(new URL(page.url()).search).toBe('?view=purchases&range=last30');
});

it.each([
  ['a forged state', (): void => void (issuer.forged = { state: 'forged' }), []],
  ['a forged nonce', (): void => void (issuer.forged = { nonce: 'forged' }), ['authorization_code']],
  ['a refusal', (): void => void (issuer.declines = true), []],
] as const)('takes nothing from %s, says so, and can try again', async (_, misbehave, grants) => {
  issuer.tokens = [{ access: good, renewable: false }];
  misbehave();
  const { page } = await openInCloud('/?range=last30');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByRole('alert').getByText('Não foi possível entrar').waitFor();
  await accessible(page, 'sign-in failed');
  expect(issuer.grants).toEqual(grants);
  expect(page.url()).not.toContain('state=');
  expect(page.url()).not.toContain('code=');
  issuer.forged = {};
  issuer.declines = false;
  await page.getByRole('button', { name: 'Entrar' }).click();
  await figuresShown(page);
});

it('signs out at the provider too, and keeps nothing', async () => {
  issuer.tokens = [{ access: good, renewable: true }];
  const { page } = await openInCloud('/');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await figuresShown(page);
  await page.getByRole('button', { name: 'Sair' }).click();
  await page.getByText('Entre para ver suas campanhas').waitFor();
  expect(issuer.signedOut).toHaveLength(1);
  expect(issuer.signedOut[0]).not.toBe('');
  expect(await page.evaluate(() => sessionStorage.length + localStorage.length)).toBe(0);
});
