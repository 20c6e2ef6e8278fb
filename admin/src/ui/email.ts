const EMAIL_CHARS = 254;

/** Whether a text looks like an address; whether mail arrives, only sending it tells. */
export function isEmail(text: string): boolean {
  return text.length <= EMAIL_CHARS && /^[^\s@,;<>()"]{1,64}@[^\s@.,;<>()"]+(\.[^\s@.,;<>()"]+)+$/.test(text);
}
