import { createIntl } from 'react-intl';
import { describe, expect, it } from 'vitest';
import type { Activity } from '../../src/api/types';
import { activityText, DEEDS, FIELDS } from '../../src/settings/activityText';
import first from '../../src/messages/en-US.json';
import later from '../../src/messages/settings-en-US.json';
import document from '../../../infra/openapi.json';

const intl = createIntl({ locale: 'en-US', messages: { ...first, ...later } });
const format = {
  language: 'en-US',
  t: (id: string, values?: Record<string, string | number>) => intl.formatMessage({ id }, values),
  range: ({ from, to }: { from: string; to: string }) => `${from} to ${to}`,
} as Parameters<typeof activityText>[0];

const of = (entry: Partial<Activity>): string =>
  activityText(format, { id: '1', at: '2026-11-22T12:00:00Z', by: 'ana', deed: 'other', ...entry } as Activity);

describe('an activity', () => {
  it('is told with what it was done to', () => {
    expect(of({ deed: 'campaign-edited', campaignName: 'Spring', fields: ['name', 'messageType'] })).toBe(
      'Edited the campaign Spring: name and message type',
    );
    expect(of({ deed: 'report-requested', from: '2026-11-01', to: '2026-11-20' })).toContain(
      '2026-11-01 to 2026-11-20',
    );
    expect(of({ deed: 'schedule-added', frequency: 'weekly' })).toBe('Added a weekly report');
    expect(of({ deed: 'template-made', language: 'es', messageType: 'coupon' })).toMatch(/^Made a template: .+ · .+/);
  });

  it('that is newer than the page is another change, and a field that is newer is left out', () => {
    expect(of({ deed: 'moon-landed' as 'account-created' })).toBe('Made another change');
    expect(of({ deed: 'settings-changed', fields: ['orbit', 'language'] })).toBe('Changed the store: language');
  });

  it('has words for all that the API tells', () => {
    expect([...DEEDS].sort()).toEqual([...document.components.schemas.Deed.enum].sort());
    const texts = Object.keys(later).filter((key) => key.startsWith('activity.field.'));
    expect(texts.sort()).toEqual(FIELDS.map((field) => `activity.field.${field}`).sort());
  });
});
