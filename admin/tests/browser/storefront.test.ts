import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './chromium.mjs';
import { PATIENCE_MILLIS } from './patience';
import { messagesOf } from './phones';
import { cartLeft, STACK_URL, Store } from './stack';

// The snippet of infra/storefront in a checkout of another site.

const SNIPPET = readFileSync(new URL('../../../infra/storefront/cart.js', import.meta.url), 'utf8');
const PLACE = 'https://campaigns.example/carts/STORE';
const FORM = '0a5be4b4b1f14e6db4c4d1d3c2b1a0f7';
/** No other test takes this number. */
const NUMBER = '5550100208';
const PHONE = '+5511985550107';

let browser: Browser;
/** One that the system sends for; the other one sends nothing. */
let sending: Store;
let quiet: Store;
let checkout: Server;
let origin: string;

/** A checkout as VTEX has it: `vtexjs` with the order form, and an event of jQuery's when that changes. */
const page = (account: string): string => `<!doctype html>
<title>Checkout</title>
<script>
  window.vtexjs = { checkout: { orderForm: { orderFormId: '${FORM}', items: [{ id: '101' }] } } };
  const handlers = [];
  window.jQuery = () => ({ on: (name, handler) => name === 'orderFormUpdated.vtex' && handlers.push(handler) });
  window.changed = () => handlers.forEach((handler) => handler());
</script>
<script src="/cart.js?${account}"></script>`;

beforeAll(async () => {
  [browser, sending, quiet] = await Promise.all([launch(), Store.make(), Store.make()]);
  checkout = createServer((request, response) => {
    const [path, account = ''] = (request.url ?? '').split('?');
    const isScript = path === '/cart.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? SNIPPET.replace(PLACE, `${STACK_URL}/carts/${account}`) : page(account));
  });
  await new Promise<void>((resolve) => checkout.listen(0, '127.0.0.1', resolve));
  // Another site than the stack's 127.0.0.1.
  origin = `http://localhost:${(checkout.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await sending.leave();
  await browser.close();
  checkout.close();
});

interface Told {
  method: string;
  type: string | undefined;
  body: unknown;
}

/** The checkout, and what it told so far. */
async function shop({ account }: Store): Promise<{ shown: Page; told: Told[] }> {
  const shown = await browser.newPage();
  shown.setDefaultTimeout(PATIENCE_MILLIS);
  const told: Told[] = [];
  shown.on('request', (request) => {
    if (!request.url().startsWith(STACK_URL)) return;
    const body: unknown = JSON.parse(request.postData() ?? 'null');
    told.push({ method: request.method(), type: request.headers()['content-type'], body });
  });
  await shown.goto(`${origin}/checkout/?${account}#/cart`);
  return { shown, told };
}

/** The answer to what is told of the payment page; that to what was told before can still be on its way. */
const paid = (shown: Page) =>
  shown.waitForResponse(
    (response) =>
      response.url().startsWith(STACK_URL) && (response.request().postData() ?? '').includes('"page":"payment"'),
  );

const beat = (at: 'payment' | 'other'): Told => ({
  method: 'POST',
  type: 'text/plain;charset=UTF-8',
  body: { orderFormId: FORM, page: at },
});

it('is smaller than 1 kB', () => {
  expect(SNIPPET.split(PLACE)).toHaveLength(2);
  expect(Buffer.byteLength(SNIPPET)).toBeLessThan(1000);
});

it('tells of a cart from another site without asking first, and each thing once a minute', async () => {
  const { shown, told } = await shop(quiet);
  await expect.poll(() => told).toEqual([beat('other')]);
  await shown.evaluate('changed()');
  const answered = paid(shown);
  await shown.evaluate("location.hash = '#/payment'");
  expect((await answered).status()).toBe(202);
  expect(told).toEqual([beat('other'), beat('payment')]);
  await shown.evaluate('Date.now = ((now) => () => now() + 60000)(Date.now); changed();');
  await expect.poll(() => told).toEqual([beat('other'), beat('payment'), beat('payment')]);
  // An empty cart is none.
  await shown.evaluate('vtexjs.checkout.orderForm.items = []; Date.now = ((now) => () => now() + 60000)(Date.now)');
  await shown.evaluate('changed()');
  expect(told).toHaveLength(3);
  await shown.close();
});

it('what it tells becomes a message', async () => {
  await sending.sends(NUMBER);
  // Whose it is only the store's backend says here: this store has no connection to VTEX.
  await sending.events([
    cartLeft(FORM, { phone: PHONE, lastActivityAt: new Date(Date.now() - 30 * 60_000).toISOString() }),
  ]);
  const { shown } = await shop(sending);
  const answered = paid(shown);
  await shown.evaluate("location.hash = '#/payment'");
  await answered;
  await shown.close();
  const sentAfter = async (minutes: number): Promise<string[]> => {
    const at = new Date(Date.now() + minutes * 60_000).toISOString();
    expect((await fetch(`${STACK_URL}/local/tick?at=${at}`, { method: 'POST' })).ok).toBe(true);
    return (await messagesOf(NUMBER)).map(({ to }) => to);
  };
  // Half an hour after its backend told of the cart the shopper was at the payment: the hour begins there.
  expect(await sentAfter(45)).toEqual([]);
  expect(await sentAfter(61)).toEqual([PHONE.slice(1)]);
});
