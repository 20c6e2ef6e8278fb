import { STACK_URL } from './stack';

// The stand-in for Meta, and the phones behind it: see the README, *Connect WhatsApp*.

/** A message that it took. */
export interface Message {
  id: string;
  from: string;
  to: string;
  text: string;
  link?: string;
}

/** Asks it for something, or has it do something. */
export async function phones(path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${STACK_URL}/local/whatsapp${path}`, {
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return response.status === 204 ? undefined : response.json();
}

/** The messages of a phone number, oldest first. */
export async function messagesOf(number: string): Promise<Message[]> {
  const messages = (await phones('')) as Message[];
  return messages.filter(({ from }) => from === number);
}
