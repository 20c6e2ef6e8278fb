import type { Account, Figures, Vtex } from '../api/types';

/** The steps from an account to the first figures, in their order. */
export const SETUP_STEPS = ['store', 'number', 'vtex', 'message', 'receipt', 'click', 'order'] as const;
export type SetupStep = (typeof SETUP_STEPS)[number];

/** What a step still waits for: the store itself, or a confirmation by others. */
export type SetupState = 'done' | 'waiting' | 'open';

/**
 * How far each step is. `figures` are those of all days that the API answers for. Receipts and orders can come by the
 * sender's events alone: a store that has some needs neither a number of its own here nor VTEX.
 */
export function setupStates(account: Account, vtex: Vtex, figures: Figures): Record<SetupStep, SetupState> {
  const is = (done: boolean): SetupState => (done ? 'done' : 'open');
  const pending = account.pending.phoneNumberIds;
  const confirmed = account.phoneNumberIds.some((id) => !pending.includes(id));
  const delivered = figures.delivered > 0;
  const ordered = figures.conversions.total > 0 || vtex.lastOrderAt != null;
  return {
    store: 'done',
    number: confirmed || delivered ? 'done' : pending.length > 0 ? 'waiting' : 'open',
    vtex: vtex.connected || ordered ? 'done' : vtex.appKey ? 'waiting' : 'open',
    message: is(account.timeZoneFixed),
    receipt: is(delivered),
    click: is(figures.totalClicks > 0),
    order: is(ordered),
  };
}

/** The step to take next. What others still have to confirm keeps nobody from the one after it. */
export const nextStep = (states: Record<SetupStep, SetupState>): SetupStep | undefined =>
  SETUP_STEPS.find((step) => states[step] === 'open') ?? SETUP_STEPS.find((step) => states[step] === 'waiting');

interface TourPlace {
  base: string;
  account: string;
  /** A campaign of the store's; a placeholder stands for one that is yet to be made. */
  campaignId: string | undefined;
}

/** The events by which a sender tells each of the last steps. Each can be sent by itself, once those before it were. */
const tourEvents = (campaignId: string): Partial<Record<SetupStep, { type: string; data: string }>> => ({
  message: {
    type: 'reminder.sent',
    data: `{"reminderId": "wamid.first", "campaignId": "${campaignId}", "userId": "shopper-1", "orderFormId": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "checkoutItems": []}`,
  },
  receipt: { type: 'reminder.status', data: '{"reminderId": "wamid.first", "status": "delivered"}' },
  click: { type: 'reminder.clicked', data: '{"reminderId": "wamid.first", "clickId": "tap-1", "kind": "link"}' },
  order: {
    type: 'order.updated',
    data: `{"orderGroup": "first", "orderId": "first-01", "status": "created", "createdAt": "'$NOW'", "changedAt": "'$NOW'", "orderFormId": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "currency": "BRL", "value": 100, "items": []}`,
  },
});

/** The command by which a developer takes a step; none for those that are taken on this page. */
export function tourCommand(
  step: SetupStep,
  { base, account, campaignId = 'CAMPAIGN_ID' }: TourPlace,
): string | undefined {
  const event = tourEvents(campaignId)[step];
  if (!event) return undefined;
  return [
    ': "${SECRET:?the signing secret, whsec_...}"',
    'AT=$(date +%s) NOW=$(date -u +%FT%TZ)',
    `BODY='{"specversion": "1.0", "id": "first-${step}", "source": "/tour", "type": "${event.type}", "time": "'$NOW'", "data": ${event.data}}'`,
    'KEY=$(printf %s "${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d \' \\n\')',
    'SIGNATURE=$(printf %s "tour-$AT.$AT.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)',
    `curl -sS --fail-with-body "${base}/events/${account}" -H 'Content-Type: application/cloudevents+json' \\`,
    '  -H "webhook-id: tour-$AT" -H "webhook-timestamp: $AT" -H "webhook-signature: v1,$SIGNATURE" --data-binary "$BODY"',
  ].join('\n');
}
