import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { Edge } from './edge';
import { Host, type Heard } from './host';
import { Issuer } from './issuer';
import { open, type Opened } from './page';
import { STACK_URL, Store } from './stack';

// The page in a frame of a page of another site, as in the VTEX Admin.

let browser: Browser;
let store: Store;
let host: Host;
let issuer: Issuer;
let edge: Edge;
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
  [host, issuer] = await Promise.all([Host.start(), Issuer.start()]);
  edge = await Edge.start(issuer.url, host.url);
  issuer.tokens = [{ access: good, renewable: false }];
});

afterEach(() => Promise.all([host.stop(), edge.stop(), issuer.stop()]));

const SIGN_IN = 'Entrar';

const framed = (page: Page): FrameLocator => page.frameLocator('#app');

/** The host's page with ours in its frame, from wherever it is served. */
const openFramed = (path = '/', from = edge): Promise<Opened> =>
  open(browser, { origin: host.url, path: host.around(from.url + path), others: [from.url, issuer.url] });

/** Presses the button that opens the provider's window. */
async function openWindow(page: Page, button = SIGN_IN): Promise<Page> {
  const opened = page.waitForEvent('popup');
  await framed(page).getByRole('button', { name: button }).click();
  return opened;
}

async function signIn(page: Page): Promise<void> {
  const popup = await openWindow(page);
  if (!popup.isClosed()) await popup.waitForEvent('close');
  await figuresShown(page);
}

const figuresShown = (page: Page): Promise<void> => framed(page).locator('.figures[aria-busy="false"]').waitFor();

const heard = (page: Page): Promise<Heard[]> =>
  page.evaluate(() => (globalThis as unknown as { heard: Heard[] }).heard);

/** Says something to the frame, as the host. */
const say = (page: Page, data: object, origin: string): Promise<void> =>
  page.evaluate(
    ([said, to]) => document.querySelector<HTMLIFrameElement>('#app')?.contentWindow?.postMessage(said, to),
    [data, origin] as const,
  );

it('is framed by whom the policy names, and by nobody else', async () => {
  const { page, faults } = await openFramed();
  await framed(page).getByRole('button', { name: SIGN_IN }).waitFor();
  expect(faults).toEqual([]);
  const usual = await Edge.start(issuer.url);
  const other = await openFramed('/', usual);
  await expect.poll(() => other.faults.join()).toContain('frame-ancestors https://*.myvtex.com');
  await expect.poll(() => other.page.frames()[1]?.url()).toMatch(/^chrome-error:/);
  await usual.stop();
});

it('signs in by a window of its own, stays where it is, and says no token to anybody', async () => {
  const { page, faults } = await openFramed('/?range=last30');
  await signIn(page);
  await framed(page).getByText(`Loja: ${store.account}`).waitFor();
  expect(issuer.grants).toEqual(['authorization_code']);
  expect(page.frames()[1]?.url()).toBe(`${edge.url}/?range=last30`);
  expect(page.context().pages(), 'its window is closed').toEqual([page]);
  for (const { origin, data } of await heard(page)) {
    expect(origin).toBe(edge.url);
    expect(data).toEqual({ type: 'campaigns:height', height: expect.any(Number) as number });
  }
  expect(faults).toEqual([]);
});

it('keeps the session over a reload where a frame may keep anything', async () => {
  const near = await Host.start('127.0.0.1');
  const nearEdge = await Edge.start(issuer.url, near.url);
  const { page } = await open(browser, {
    origin: near.url,
    path: near.around(nearEdge.url),
    others: [nearEdge.url, issuer.url],
  });
  await signIn(page);
  await page.reload();
  await figuresShown(page);
  expect(issuer.grants).toEqual(['authorization_code']);
  await Promise.all([near.stop(), nearEdge.stop()]);
});

it('signs in again when the session expired, in the same view', async () => {
  issuer.tokens = [
    { access: refused, renewable: false },
    { access: good, renewable: false },
  ];
  const { page } = await openFramed('/?view=purchases&range=last30');
  const popup = await openWindow(page);
  if (!popup.isClosed()) await popup.waitForEvent('close');
  await framed(page).getByText('Sua sessão expirou').waitFor();
  await openWindow(page);
  await framed(page).getByRole('table').waitFor();
  expect(page.frames()[1]?.url()).toBe(`${edge.url}/?view=purchases&range=last30`);
});

it.each([
  ['a forged state', (): void => void (issuer.forged = { state: 'forged' })],
  ['a refusal', (): void => void (issuer.declines = true)],
])('takes nothing from %s, and offers a window of its own', async (_, misbehave) => {
  misbehave();
  const { page } = await openFramed();
  const popup = await openWindow(page);
  // Its name is free for the next one when it is gone.
  if (!popup.isClosed()) await popup.waitForEvent('close');
  await framed(page).getByRole('alert').getByText('Não foi possível entrar').waitFor();
  expect(issuer.grants).toEqual([]);
  const link = framed(page).getByRole('link', { name: 'Abrir em uma janela própria' });
  expect(await link.getAttribute('href')).toBe(`${edge.url}/`);
  issuer.forged = {};
  issuer.declines = false;
  await signIn(page);
});

it('takes the answer from nobody but the window that it opened', async () => {
  issuer.asks = true;
  const { page } = await openFramed();
  const popup = await openWindow(page);
  await popup.getByText('Who are you?').waitFor();
  const state = new URL(popup.url()).searchParams.get('state') ?? '';
  const answer = { type: 'campaigns:answer', search: `?code=forged&state=${state}&iss=${issuer.url}` };
  await say(page, answer, edge.url);
  await page.frames()[1]?.evaluate((said) => window.postMessage(said, window.origin), answer);
  await popup.close();
  await framed(page).getByText('Não foi possível entrar').waitFor();
  expect(issuer.grants).toEqual([]);
});

it('signs out at the provider by a window of its own', async () => {
  const { page } = await openFramed();
  await signIn(page);
  const popup = await openWindow(page, 'Sair');
  if (!popup.isClosed()) await popup.waitForEvent('close');
  await framed(page).getByText('Entre para ver suas campanhas').waitFor();
  expect(issuer.signedOut).toHaveLength(1);
  expect(issuer.signedOut[0]).not.toBe('');
});

it('speaks the language of the address, then the one that its host says', async () => {
  const { page } = await openFramed('/?locale=es');
  const title = framed(page).getByRole('heading', { level: 1 });
  const opened = page.waitForEvent('popup');
  await framed(page).getByRole('button', { name: 'Iniciar sesión' }).click();
  await opened;
  await figuresShown(page);
  expect(await title.textContent()).toBe('Campañas de WhatsApp');
  // From within the frame nobody but the host says it, nor does the host in other words.
  await page.frames()[1]?.evaluate(() => window.postMessage({ type: 'campaigns:locale', locale: 'pt-BR' }, '*'));
  await say(page, { type: 'locale', locale: 'pt-BR' }, edge.url);
  await say(page, { type: 'campaigns:locale', locale: 'en-US' }, edge.url);
  await framed(page).getByRole('heading', { name: 'WhatsApp campaigns', level: 1 }).waitFor();
  expect(page.frames()[1]?.url()).toBe(`${edge.url}/?locale=en-US`);
});

it('tells its height to its host, and opens what opens where it is in sight', async () => {
  const { page } = await openFramed('/?range=last30');
  await signIn(page);
  // A host that wants no second scrollbar.
  await page.evaluate(() => {
    const frame = document.querySelector<HTMLIFrameElement>('#app');
    addEventListener('message', ({ data }: MessageEvent<{ height: number }>) => {
      if (frame) frame.style.height = `${data.height}px`;
    });
    const last = (globalThis as unknown as { heard: { data: { height: number } }[] }).heard.at(-1);
    if (frame && last) frame.style.height = `${last.data.height}px`;
  });
  await expect
    .poll(() => page.frames()[1]?.evaluate(() => document.documentElement.scrollHeight - window.innerHeight))
    .toBe(0);
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  expect(tall).toBeGreaterThan(1_500);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await framed(page).getByRole('button', { name: 'Nova campanha' }).click();
  const dialog = framed(page).getByRole('dialog');
  await dialog.getByLabel('Nome').fill('Emoldurada');
  const inSight = async (what: typeof dialog): Promise<void> => {
    // An element's box is told as the host's window sees it.
    await expect
      .poll(async () => {
        const box = await what.boundingBox();
        return box !== null && box.y >= 0 && box.y + box.height <= 900;
      })
      .toBe(true);
  };
  await inSight(dialog);
  await dialog.getByRole('button', { name: 'Criar campanha' }).click();
  const notice = framed(page).locator('.toast');
  await notice.waitFor();
  await inSight(notice);
  // Less is shown: the frame shrinks again.
  await framed(page).getByRole('link', { name: 'Relatórios programados' }).click();
  await framed(page).getByText('Nenhum relatório programado').waitFor();
  await expect.poll(() => page.evaluate(() => document.querySelector('#app')?.clientHeight)).toBeLessThan(tall / 2);
});
