import { describe, expect, it } from 'vitest';
import type { Account, Vtex } from '../../src/api/types';
import { nextStep, SETUP_STEPS, setupStates, tourCommand } from '../../src/setup/setupSteps';
import { figuresWith as figures } from './figures';

const account: Account = {
  account: 'loja',
  timeZone: 'America/Sao_Paulo',
  timeZoneFixed: false,
  countryCode: '55',
  language: 'pt-BR',
  messagePrices: [],
  phoneNumberIds: [],
  storeUrl: 'https://loja.example/',
  hasSigningSecret: false,
  pending: { phoneNumberIds: [] },
};
const vtex: Vtex = { connected: false };
const none = figures({});

const left = (states: ReturnType<typeof setupStates>): string[] =>
  SETUP_STEPS.filter((step) => states[step] !== 'done');

describe('the steps of a set-up', () => {
  it('fill themselves one by one', () => {
    expect(left(setupStates(account, vtex, none))).toEqual(['number', 'vtex', 'message', 'receipt', 'click', 'order']);
    const named = { ...account, phoneNumberIds: ['1'] };
    expect(left(setupStates(named, { connected: true, appKey: 'k' }, none))).toEqual([
      'message',
      'receipt',
      'click',
      'order',
    ]);
    const sent = { ...named, timeZoneFixed: true };
    const busy = figures({ sent: 1, delivered: 1, totalClicks: 1 });
    expect(left(setupStates(sent, vtex, busy))).toEqual(['vtex', 'order']);
    expect(left(setupStates(sent, { connected: true, lastOrderAt: '2026-11-01T00:00:00Z' }, busy))).toEqual([]);
  });

  it('say what waits for a confirmation', () => {
    const claimed = { ...account, phoneNumberIds: ['1'], pending: { phoneNumberIds: ['1'] } };
    expect(setupStates(claimed, { connected: false, appKey: 'k' }, none)).toMatchObject({
      number: 'waiting',
      vtex: 'waiting',
    });
  });

  it('go on while others confirm what was told', () => {
    const claimed = { ...account, phoneNumberIds: ['1'], pending: { phoneNumberIds: ['1'] } };
    expect(nextStep(setupStates(claimed, vtex, none))).toBe('vtex');
    const sent = { ...claimed, timeZoneFixed: true };
    const pending = { connected: false, appKey: 'k' };
    const all = figures({ delivered: 0, totalClicks: 1, conversions: { total: 1, assisted: 1, clickThrough: 0 } });
    expect(nextStep(setupStates(sent, pending, all))).toBe('receipt');
    expect(nextStep({ ...setupStates(sent, pending, all), receipt: 'done' })).toBe('number');
  });

  it('name a command for what a sender tells, and none for what is done on the page', () => {
    const place = { base: 'https://api.example', account: 'loja', campaignId: 'c1' };
    const commands = SETUP_STEPS.map((step) => tourCommand(step, place));
    expect(commands.map((command) => command !== undefined)).toEqual([false, false, false, true, true, true, true]);
    expect(commands[3]).toContain('https://api.example/events/loja');
    expect(tourCommand('message', { ...place, campaignId: undefined })).toContain('CAMPAIGN_ID');
  });
});
