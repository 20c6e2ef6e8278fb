import type { MessageId } from '../i18n/useFormat';
import type { UrlState } from '../period/urlState';

/** Where on the page something can be done about a reason. */
export interface Cure {
  label: MessageId;
  to: Partial<UrlState>;
  heading?: string;
}

const sending = (label: MessageId, heading: string): Cure => ({ label, heading, to: { view: 'sending' } });

const CONNECTION = sending('carts.open.connection', 'whatsapp-title');
const WHEN = sending('carts.open.when', 'sending-title');
const CAMPAIGNS = sending('carts.open.campaigns', 'sending-campaigns-title');
const TEMPLATES = sending('carts.open.templates', 'templates-title');
const OPT_OUTS = sending('carts.open.optOuts', 'opt-outs-title');
const OVERVIEW: Cure = { label: 'carts.open.overview', to: { view: 'overview', campaignId: undefined } };
const SETTINGS: Cure = { label: 'carts.open.settings', to: { view: 'settings' } };

const cures: Record<string, Cure> = {
  'sending-disabled': WHEN,
  'account-blocked': CONNECTION,
  'store-unreachable': SETTINGS,
  'no-campaign': CAMPAIGNS,
  'campaign-paused': OVERVIEW,
  'payment-not-reached': CAMPAIGNS,
  'template-missing': TEMPLATES,
  'template-pending': TEMPLATES,
  'template-paused': TEMPLATES,
  'template-rejected': TEMPLATES,
  'template-disabled': TEMPLATES,
  'no-consent': WHEN,
  'opted-out': OPT_OUTS,
  'currency-unlisted': CAMPAIGNS,
  'below-minimum': CAMPAIGNS,
  cooldown: WHEN,
  'quiet-hours': WHEN,
};

/** What can be done about a reason, if anything. */
export const cureOf = (reason: string | null | undefined): Cure | undefined => cures[reason ?? ''];
