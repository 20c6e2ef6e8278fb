import type { components } from './schema';

type Schemas = components['schemas'];

export type Account = Schemas['Account'];
export type Campaign = Schemas['Campaign'];
export type HistoryEntry = Schemas['HistoryEntry'];
export type FieldChange = Schemas['FieldChange'];
export type CampaignFigures = Schemas['CampaignFigures'];
export type Conversion = Schemas['Conversion'];
export type Explanation = Schemas['Explanation'];
export type Winner = Schemas['Winner'];
export type Loser = Schemas['Loser'];
export type DayFigures = Schemas['DayFigures'];
export type Figures = Schemas['Figures'];
export type Language = Schemas['Language'];
export type MessageType = Schemas['MessageType'];
export type Metrics = Schemas['Metrics'];
export type Money = Schemas['Money'];
export type NewCampaign = Schemas['NewCampaign'];
export type Report = Schemas['Report'];
export type Schedule = Schemas['Schedule'];
export type Frequency = Schedule['frequency'];

export const LANGUAGES: readonly Language[] = ['pt-BR', 'en-US', 'es'];
export const MESSAGE_TYPES: readonly MessageType[] = ['text', 'image', 'coupon'];
export const FREQUENCIES: readonly Frequency[] = ['daily', 'weekly', 'monthly'];
