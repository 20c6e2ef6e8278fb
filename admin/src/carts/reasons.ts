import type { MessageId } from '../i18n/useFormat';

/** Why a cart got no reminder: the words of the API that the page has texts for. */
export const CART_REASONS = [
  'expired',
  'sending-disabled',
  'account-blocked',
  'already-reminded',
  'purchased',
  'store-unreachable',
  'cart-gone',
  'cart-empty',
  'no-campaign',
  'campaign-paused',
  'payment-not-reached',
  'template-missing',
  'template-pending',
  'template-paused',
  'template-rejected',
  'template-disabled',
  'no-phone',
  'phone-masked',
  'phone-invalid',
  'country-unsupported',
  'no-consent',
  'opted-out',
  'suppressed',
  'currency-unlisted',
  'below-minimum',
  'cooldown',
  'quiet-hours',
  'messaging-limit',
  'erased',
] as const;

/** The text of a reason; one that the page doesn't know yet is named as another. */
export function reasonText(reason: string): MessageId {
  const known = CART_REASONS.find((each) => each === reason);
  return known ? `carts.reason.${known}` : 'carts.reason.other';
}
