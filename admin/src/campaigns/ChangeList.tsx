import { useFormat, type Format, type MessageId } from '../i18n/useFormat';
import type { FieldChange, NewCampaign } from '../api/types';

/** Which fields differ between two states of a campaign. */
export function changesBetween(before: NewCampaign, after: NewCampaign): FieldChange[] {
  return (['name', 'language', 'messageType'] as const)
    .map((field) => ({ field, from: before[field], to: after[field] }))
    .filter(({ from, to }) => from !== to);
}

const LABELS = { name: 'edit.name', language: 'campaigns.language', messageType: 'campaigns.messageType' } as const;

const isField = (field: string): field is keyof typeof LABELS => field in LABELS;

function valueText(t: Format['t'], field: keyof typeof LABELS, value: string): string {
  if (field === 'language') return t(`language.${value as 'es'}`);
  if (field === 'messageType') return t(`messageType.${value as 'text'}`);
  return value;
}

/** What became of the sending by the system, in one line whatever of it changed. */
function sendingChange(changes: readonly FieldChange[]): MessageId | undefined {
  const enabled = changes.find(({ field }) => field === 'sending.enabled');
  if (enabled?.to === 'true') return 'history.sendingOn';
  if (enabled?.from === 'true') return 'history.sendingOff';
  return changes.some(({ field }) => field.startsWith('sending.')) ? 'history.sendingChanged' : undefined;
}

/** Changes of a campaign's fields, one line each. */
export function ChangeList({ changes }: { changes: readonly FieldChange[] }) {
  const { t } = useFormat();
  const sending = sendingChange(changes);
  return (
    <ul className="change-list">
      {sending && <li key="sending">{t(sending)}</li>}
      {changes.map(({ field, from, to }) =>
        field === 'status' ? (
          <li key={field}>{t(to === 'paused' ? 'history.paused' : 'history.resumed')}</li>
        ) : (
          isField(field) && (
            <li key={field}>
              {t('edit.change', {
                field: t(LABELS[field]),
                before: valueText(t, field, from ?? ''),
                after: valueText(t, field, to ?? ''),
              })}
            </li>
          )
        ),
      )}
    </ul>
  );
}
