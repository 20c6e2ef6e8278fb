import { createHmac, randomUUID } from 'node:crypto';
import type { paths } from '../../src/api/schema';
import type { Campaign, Metrics, NewCampaign } from '../../src/api/types';

/** The running stack. */
export const STACK_URL = process.env.STACK_URL ?? '';
if (!STACK_URL) throw new Error('STACK_URL names no running stack');

export const TIME_ZONE = 'America/Sao_Paulo';

/** A store day, so many days before today. */
export const daysAgo = (days: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: TIME_ZONE }).format(new Date(Date.now() - days * 86_400_000));

interface Mail {
  id: string;
  to: string;
  subject: string;
}

export interface Seeded {
  campaign: Campaign;
  /** The order that counts by click, and the one that counts by delivery. */
  clicked: string;
  assisted: string;
}

/** A store of the stack's, made for one test file. */
export class Store {
  private secret = '';

  private constructor(
    readonly account: string,
    private readonly token: string,
  ) {}

  static async open(account = `browser-${randomUUID().slice(0, 8)}`): Promise<Store> {
    const response = await fetch(`${STACK_URL}/local/token?account=${account}`);
    return new Store(account, (await response.text()).trim());
  }

  static async make(): Promise<Store> {
    const store = await Store.open();
    await store.call('PUT', '/account', {
      timeZone: TIME_ZONE,
      language: 'pt-BR',
      phoneNumberIds: [],
      storeUrl: 'https://loja.example',
    });
    const { secret } = (await store.call('POST', '/account/signing-secret')) as { secret: string };
    store.secret = secret;
    return store;
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(STACK_URL + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  async campaign(changes: Partial<NewCampaign> = {}): Promise<Campaign> {
    const wanted: NewCampaign = { name: 'Carrinho abandonado', language: 'pt-BR', messageType: 'image', ...changes };
    return (await this.call('POST', '/campaigns', wanted)) as Campaign;
  }

  /** Has the system send a campaign of texts, at any hour, through a number of the stand-in for Meta. */
  async sends(phoneNumberId: string): Promise<Campaign> {
    const connection = { wabaId: '5550100', phoneNumberId, token: 'local-whatsapp-token' };
    await this.call('PUT', '/account/whatsapp', connection);
    await this.call('POST', '/templates/pt-BR/text');
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    const hours = Object.fromEntries(days.map((day) => [day, ['00:00', '24:00']]));
    await this.call('PUT', '/account/sending', { enabled: true, hours, cooldownHours: 24, consent: 'declared' });
    const { campaignId } = await this.campaign({ messageType: 'text' });
    const sending = { enabled: true, minimum: [{ currency: 'BRL', amount: '10.00' }] };
    const sent = await this.call('PATCH', `/campaigns/${campaignId}`, { sending }, { 'if-match': '"1"' });
    return sent as Campaign;
  }

  /** Frees its number for the next run on the same stack. */
  async leave(): Promise<void> {
    await this.call('PUT', '/account', {
      timeZone: TIME_ZONE,
      language: 'pt-BR',
      phoneNumberIds: [],
      storeUrl: 'https://loja.example',
    });
  }

  async campaigns(): Promise<Campaign[]> {
    return ((await this.call('GET', '/campaigns')) as { items: Campaign[] }).items;
  }

  async metrics(from: string, to: string, campaignId?: string): Promise<Metrics> {
    const query = new URLSearchParams({ from, to, ...(campaignId ? { campaignId } : {}) });
    return (await this.call('GET', `/metrics?${query.toString()}`)) as Metrics;
  }

  /** Posts what a sender or a store would, signed as Standard Webhooks says. Answers the status. */
  async signed(path: string, contentType: string, body: unknown): Promise<{ status: number; body: unknown }> {
    const id = `msg_${randomUUID()}`;
    const at = Math.floor(Date.now() / 1000);
    const text = JSON.stringify(body);
    const key = Buffer.from(this.secret.replace('whsec_', ''), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${at}.${text}`).digest('base64');
    const response = await fetch(STACK_URL + path, {
      method: 'POST',
      headers: {
        'content-type': contentType,
        'webhook-id': id,
        'webhook-timestamp': String(at),
        'webhook-signature': `v1,${signature}`,
      },
      body: text,
    });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  }

  async events(events: { type: string; hoursAgo: number; data: Record<string, unknown> }[]): Promise<void> {
    const now = Date.now();
    const batch = events.map(({ type, hoursAgo, data }) => ({
      specversion: '1.0',
      id: randomUUID(),
      source: '/test',
      type,
      time: new Date(now - hoursAgo * 3_600_000).toISOString(),
      data,
    }));
    const { status, body } = await this.signed(`/events/${this.account}`, 'application/cloudevents-batch+json', batch);
    const kept = (body as { keptAside?: unknown[] }).keptAside ?? [];
    if (status !== 200 || kept.length > 0) throw new Error(`events: ${status} ${JSON.stringify(body)}`);
    await drain();
  }

  /** A campaign whose reminders were delivered yesterday, and some bought after: an order's value in cents each. */
  async sell(name: string, { delivered, orders }: { delivered: number; orders: number[] }): Promise<Campaign> {
    const campaign = await this.campaign({ name });
    const run = randomUUID().slice(0, 8);
    // One instant for all: a list of them has one order then.
    const bought = at(20);
    const cart = (index: number): string => `${run}${String(index).padStart(24, '0')}`;
    const reminders = Array.from({ length: delivered }, (_, index) => ({
      reminderId: `wamid.${run}.${index}`,
      campaignId: campaign.campaignId,
      userId: `${run}-${index}`,
      orderFormId: cart(index),
      checkoutItems: [],
    }));
    await this.events([
      ...reminders.map((data) => ({ type: 'reminder.sent', hoursAgo: 26, data })),
      ...reminders.map(({ reminderId }) => ({
        type: 'reminder.status',
        hoursAgo: 25.9,
        data: { reminderId, status: 'delivered' },
      })),
      ...orders.map((value, index) => ({
        type: 'order.updated',
        hoursAgo: 20,
        data: {
          orderGroup: `${run}-${index}`,
          orderId: `${run}-${index}-01`,
          status: 'payment-approved',
          createdAt: bought,
          changedAt: bought,
          orderFormId: cart(index),
          currency: 'BRL',
          value,
          items: [],
        },
      })),
    ]);
    return campaign;
  }

  /** A campaign with a handful of reminders of two days: read, clicked, bought after a click and without one. */
  async seed(): Promise<Seeded> {
    const campaign = await this.campaign();
    const { campaignId } = campaign;
    const items = [{ id: '101', name: 'Camisa de algodão', quantity: 2, price: 5990 }];
    const run = randomUUID().slice(0, 8);
    const id = (index: number): string => `wamid.${run}.${index}`;
    const cart = (index: number): string => `${run}${String(index).padStart(24, '0')}`;
    const sent = [50, 50, 49, 26, 26, 25].map((hoursAgo, index) => ({
      type: 'reminder.sent',
      hoursAgo,
      data: {
        reminderId: id(index),
        campaignId,
        userId: `user-${index}`,
        orderFormId: cart(index),
        checkoutItems: items,
      },
    }));
    const status = (index: number, kind: string, hoursAgo: number) => ({
      type: 'reminder.status',
      hoursAgo,
      data: { reminderId: id(index), status: kind },
    });
    const click = (index: number, clickId: string, kind: string, hoursAgo: number) => ({
      type: 'reminder.clicked',
      hoursAgo,
      data: { reminderId: id(index), clickId, kind },
    });
    const order = (index: number, orderGroup: string, currency: string, value: number, hoursAgo: number) => ({
      type: 'order.updated',
      hoursAgo,
      data: {
        orderGroup,
        orderId: `${orderGroup}-01`,
        status: 'payment-approved',
        createdAt: at(hoursAgo),
        changedAt: at(hoursAgo),
        orderFormId: cart(index),
        currency,
        value,
        items,
      },
    });
    const [clicked, assisted] = [`9${Date.now()}`, `8${Date.now()}`];
    await this.events([
      ...sent,
      status(0, 'delivered', 49.9),
      status(0, 'read', 49.5),
      status(1, 'delivered', 49.9),
      status(2, 'failed', 48.9),
      status(3, 'delivered', 25.9),
      status(4, 'delivered', 25.9),
      status(4, 'read', 25.5),
      click(0, 'c1', 'link', 49),
      click(0, 'c2', 'reply', 48.5),
      click(4, 'c3', 'link', 25),
      order(0, clicked, 'BRL', 119_80, 47),
      order(1, assisted, 'USD', 42_00, 46),
    ]);
    return { campaign, clicked, assisted };
  }
}

const at = (hoursAgo: number): string => new Date(Date.now() - hoursAgo * 3_600_000).toISOString();

/** Waits until everything accepted so far is counted and its reports are mailed. */
/** Runs what a schedule runs each minute. */
export async function tick(): Promise<void> {
  const response = await fetch(`${STACK_URL}/local/tick`, { method: 'POST' });
  if (!response.ok) throw new Error(`tick: ${response.status} ${await response.text()}`);
  await drain();
}

export async function drain(): Promise<void> {
  const response = await fetch(`${STACK_URL}/local/drain`, { method: 'POST' });
  if (response.status !== 204) throw new Error(`drain: ${response.status}`);
}

/** The raw mails to an address. */
export async function mailsTo(address: string): Promise<string[]> {
  const list = (await (await fetch(`${STACK_URL}/local/mailbox`)).json()) as Mail[];
  const own = list.filter((mail) => mail.to.includes(address));
  return Promise.all(own.map(async ({ id }) => (await fetch(`${STACK_URL}/local/mailbox/${id}`)).text()));
}

/** The text of a mail's attachment. */
export function attachment(eml: string): string {
  const part = eml.split(/\r?\n--/).find((each) => /content-disposition:\s*attachment/i.test(each)) ?? '';
  const [head = '', ...rest] = part.split(/\r?\n\r?\n/);
  const body = rest.join('\n');
  return /base64/i.test(head) ? Buffer.from(body, 'base64').toString('utf8') : body;
}

export type Path = keyof paths;

/** What a store's backend tells of a cart that was left two hours ago. */
export const cartLeft = (orderFormId: string, changes: Record<string, unknown> = {}) => ({
  type: 'cart.updated',
  hoursAgo: 0,
  data: {
    orderFormId,
    lastActivityAt: new Date(Date.now() - 2 * 3_600_000).toISOString(),
    reachedPayment: true,
    language: 'pt-BR',
    currency: 'BRL',
    value: 11_980,
    ...changes,
  },
});
