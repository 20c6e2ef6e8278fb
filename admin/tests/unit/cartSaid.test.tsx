import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { IntlProvider } from 'react-intl';
import { expect, it } from 'vitest';
import type { Cart, Decision, Gate } from '../../src/carts/types';
import { useSaid } from '../../src/carts/useSaid';
import texts from '../../src/messages/carts-en-US.json';
import { around } from './page';

const READ_AT = Date.parse('2026-11-22T12:00:00Z');

const cart = (changes: Partial<Cart>): Cart => ({
  orderFormId: 'f1',
  state: 'waiting',
  episode: '2026-11-22T11:00:00Z',
  lastActivityAt: '2026-11-22T11:00:00Z',
  reachedPayment: true,
  ...changes,
});

const decided = (changes: Partial<Decision>, state: Cart['state'] = 'closed'): Cart =>
  cart({ state, decision: { decidedAt: '2026-11-22T11:30:00Z', day: '2026-11-22', outcome: 'reminded', ...changes } });

const gate = (...steps: Gate['steps']): Gate => ({ at: '2026-11-22T12:00:00Z', steps });

const LATER = '2026-11-22T12:30:00Z';
const OFF = { step: 'switches', finding: 'defers', reason: 'sending-disabled', until: LATER } as const;

const SAID: [string, Cart, string][] = [
  ['waits', cart({ dueAt: LATER }), 'No reminder yet: it will be looked at on 11/22/26, 9:30 AM.'],
  [
    'is due',
    cart({ dueAt: '2026-11-22T11:59:00Z', heldBy: 'quiet-hours' }),
    'No reminder yet: outside the hours for sending; it will be looked at within a minute.',
  ],
  [
    'is held up now, whatever held it up before',
    cart({ dueAt: LATER, heldBy: 'quiet-hours', gate: gate(OFF) }),
    'No reminder yet: automatic sending is off; it will be looked at on 11/22/26, 9:30 AM.',
  ],
  [
    'could go out',
    cart({ dueAt: LATER, heldBy: 'quiet-hours', gate: gate({ step: 'in-time', finding: 'passes' }) }),
    'No reminder yet: it passes every step; it will be looked at on 11/22/26, 9:30 AM.',
  ],
  [
    'would get none',
    cart({ dueAt: LATER, gate: gate({ step: 'phone', finding: 'ends', reason: 'no-phone' }) }),
    'No reminder yet: as it stands now it would get none (the cart has no phone number); it will be looked at on 11/22/26, 9:30 AM.',
  ],
  [
    'is tried again',
    { ...decided({ send: 'claimed' }, 'waiting'), dueAt: LATER },
    'No reminder yet: Meta asked to try again later; it will be looked at on 11/22/26, 9:30 AM.',
  ],
  ['goes out', decided({ send: 'claimed' }, 'sending'), 'The reminder is going out now.'],
  [
    'got no answer',
    decided({ send: 'unknown' }, 'unknown'),
    'The reminder of 11/22/26, 8:30 AM got no answer from Meta: it may have arrived, and is not sent again.',
  ],
  [
    'was never confirmed',
    decided({ send: 'unconfirmed' }, 'unconfirmed'),
    'The reminder of 11/22/26, 8:30 AM was never confirmed by Meta, and is not sent again.',
  ],
  ['was taken', decided({ send: 'accepted' }), 'Reminder sent on 11/22/26, 8:30 AM and taken by Meta.'],
  ['was rejected', decided({ send: 'rejected' }), 'The reminder of 11/22/26, 8:30 AM was rejected.'],
  [
    'was refused after its claim',
    decided({ send: 'rejected', reason: 'purchased' }),
    'The reminder of 11/22/26, 8:30 AM was rejected: the shopper bought.',
  ],
  [
    'waited too long',
    decided({ outcome: 'skipped', reason: 'expired', heldBy: 'account-blocked' }),
    'No reminder: it waited too long until a message could go out – Meta takes no messages from the store at present (decided on 11/22/26, 8:30 AM).',
  ],
  [
    'has a reason that is new to the page',
    decided({ outcome: 'skipped', reason: 'of-tomorrow' }),
    'No reminder: another reason (decided on 11/22/26, 8:30 AM).',
  ],
  [
    'was held out',
    decided({ outcome: 'heldOut' }),
    'No reminder: it was held out to measure the effect (decided on 11/22/26, 8:30 AM).',
  ],
  ['has lost its decision', cart({ state: 'closed' }), 'This cart was decided, and the outcome is no longer kept.'],
];

it.each(SAID)('one sentence, in the store’s time zone, says of a cart that it %s', async (_, of, sentence) => {
  const { wrapper: Around } = await around();
  // What is known already is not asked for.
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  client.setQueryData(['account'], { timeZone: 'America/Sao_Paulo' });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Around>
      <QueryClientProvider client={client}>
        <IntlProvider locale="en-US" messages={texts}>
          {children}
        </IntlProvider>
      </QueryClientProvider>
    </Around>
  );
  const { result } = renderHook(() => useSaid(), { wrapper });
  expect(result.current(of, READ_AT).replaceAll('\u202f', ' ')).toBe(sentence);
});
