/** The most that people write a phone number with; an order form's id is longer. */
const PHONE_CHARS = 24;

/** Whether a text can be the id of a cart. A phone number never is: it must not come into an address. */
export const isCartId = (text: string): boolean =>
  /^[a-z\d-]+$/i.test(text) && (/[a-z]/i.test(text) || text.length > PHONE_CHARS);
