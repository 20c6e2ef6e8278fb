import type { Got, Sent } from '../api/types';

export type Connection = Got<'/account/whatsapp'>;
export type Cure = NonNullable<Connection['blocked']>['cure'];
export type NewConnection = Sent<'/account/whatsapp', 'put'>;
export type Sending = Got<'/account/sending'>;
export type NewSending = Sent<'/account/sending', 'put'>;
export type Template = Got<'/templates'>['items'][number];
export type Campaign = Got<'/campaigns/{id}'>;
export type CampaignSending = NonNullable<Campaign['sending']>;
export type OptOut = {
  optedOut: boolean;
  since?: string | null;
  suppressedUntil?: string | null;
  code?: number | null;
};

export const CURES: readonly Cure[] = [
  'renew-token',
  'grant-permission',
  'settle-payment',
  'register-number',
  'appeal-restriction',
];
