import type { paths } from './schema';

/** The answer 200 of a GET. Named by route, not by schema, so that renaming a schema changes nothing here. */
export type Got<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;

/** The JSON body that a POST, PUT or PATCH takes. */
export type Sent<Path extends keyof paths, Method extends 'post' | 'put' | 'patch'> =
  paths[Path] extends Record<Method, { requestBody: { content: { 'application/json': infer Body } } }> ? Body : never;

export type Account = Got<'/account'>;
export type MessagePrice = Account['messagePrices'][number];
export type NewAccount = Sent<'/account', 'put'>;
export type Campaign = Got<'/campaigns/{id}'>;
export type NewCampaign = Sent<'/campaigns', 'post'>;
export type HistoryEntry = Got<'/campaigns/{id}/history'>['items'][number];
export type Activity = Got<'/account/activity'>['items'][number];
export type FieldChange = HistoryEntry['changes'][number];
export type Metrics = Got<'/metrics'>;
export type Earlier = NonNullable<Metrics['comparison']>;
export type EarlierDay = Earlier['days'][number];
export type ComparedWith = Earlier['with'];
export type Figures = Metrics['totals'];
export type DayFigures = Metrics['days'][number];
export type CampaignFigures = Metrics['campaigns'][number];
export type Money = Figures['conversionValue'][number];
export type Conversion = Got<'/orders'>['items'][number];
export type PurchaseTotals = Got<'/orders'>['totals'];
export type Explanation = Got<'/orders/{orderGroup}'>;
export type OrderItems = NonNullable<Explanation['items']>;
export type ItemLine = OrderItems['orderItems'][number];
export type Winner = NonNullable<Explanation['credit']>;
export type Loser = Explanation['otherCandidates'][number];
export type Report = Got<'/reports/{id}'>;
export type NewReport = Sent<'/reports', 'post'>;
export type ReportFormat = Report['format'];
export type Schedule = Got<'/report-schedules'>['items'][number];
export type NewSchedule = Sent<'/report-schedules', 'post'>;
export type ScheduleEdit = Sent<'/report-schedules/{id}', 'patch'>;
export type Frequency = Schedule['frequency'];
export type ShopperToErase = Sent<'/shoppers/erase', 'post'>;
export type Erasure = Got<'/shoppers/erasures/{id}'>;
export type Vtex = Got<'/account/vtex'>;
export type VtexConnection = Sent<'/account/vtex', 'post'>;
export type AsideItem = Got<'/events/aside'>['items'][number];
export type Language = Campaign['language'];
export type MessageType = Campaign['messageType'];

export const LANGUAGES: readonly Language[] = ['pt-BR', 'en-US', 'es'];
export const MESSAGE_TYPES: readonly MessageType[] = ['text', 'image', 'coupon'];
export const FREQUENCIES: readonly Frequency[] = ['daily', 'weekly', 'monthly'];
