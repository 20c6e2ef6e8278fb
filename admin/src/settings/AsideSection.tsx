import { useAccount, useAside } from '../api/queries';
import { isProblem } from '../api/problem';
import { useApp } from '../app/AppContext';
import { useFormat, type MessageId } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { RowTable } from '../ui/RowTable';
import { TablePanel } from '../ui/TablePanel';
import { useProblemText } from '../ui/useProblemText';
import { groupAside, REASONS, type AsideGroup } from './asideGroups';
import { useReplay } from './useReplay';

const reasonId = (code: string): MessageId => {
  const known = REASONS.find((each) => each === code);
  return known ? `aside.${known}` : 'aside.other';
};

/** What should have counted and couldn't, by reason, with an example that its sender finds again, and the way to try it again. */
export function AsideSection() {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const aside = useAside();
  const replay = useReplay();
  const groups = groupAside(aside.data?.items ?? []);
  return (
    <section className="section" aria-labelledby="aside-title">
      <h2 id="aside-title" tabIndex={-1}>
        {t('settings.aside')}
      </h2>
      <p className="muted">{t('settings.asideText')}</p>
      <p id="aside-replay" className="muted section-title">
        {t(canWrite ? 'aside.replayText' : 'settings.onlyWriters')}
      </p>
      <TablePanel
        query={aside}
        isEmpty={groups.length === 0}
        empty={<p className="table-note muted">{t('settings.asideNone')}</p>}
      >
        <AsideTable
          groups={groups}
          more={aside.data?.more ?? false}
          replaying={replay.isPending ? replay.variables : undefined}
          onReplay={replay.mutate}
        />
      </TablePanel>
      <ReplayStatus replay={replay} />
    </section>
  );
}

/** How far a replay is, what became of it, or why it could not go on. */
function ReplayStatus({ replay }: { replay: ReturnType<typeof useReplay> }) {
  const { t, number } = useFormat();
  const problemText = useProblemText();
  const { soFar, isPending, error } = replay;
  const status = (): string => {
    if (error) return isProblem(error, 'replay-running') ? t('aside.replayRunning') : problemText(error);
    if (!soFar) return '';
    const values = { replayed: number(soFar.replayed), left: number(soFar.stillAside) };
    if (isPending) return t('aside.replaying', values);
    return t(soFar.more ? 'aside.replayedSome' : 'aside.replayed', values);
  };
  return (
    <p role="status" className="section-status muted">
      {status()}
    </p>
  );
}

interface AsideTableProps {
  groups: readonly AsideGroup[];
  more: boolean;
  /** The reason whose items are being replayed. */
  replaying: string | undefined;
  onReplay: (reason: string) => void;
}

function AsideTable({ groups, more, replaying, onReplay }: AsideTableProps) {
  const { t, number, instant } = useFormat();
  const { canWrite } = useApp();
  const { data: account } = useAccount();
  return (
    <RowTable
      labelledBy="aside-title"
      className="stacking aside-table"
      columns={[
        { label: t('settings.asideReason') },
        { label: t('settings.asideAmount'), isEnd: true },
        { label: t('settings.asideExample') },
        { label: t('aside.replay'), isHidden: true },
      ]}
    >
      {groups.map(({ code, field, count, latest }) => (
        <tr key={code + (field ?? '')} role="row">
          <th role="rowheader" scope="row">
            {t(reasonId(code))}
            <span className="under">{[code, field].filter(Boolean).join(' · ')}</span>
          </th>
          <td role="cell" data-label={t('settings.asideAmount')} className="end numeric">
            {t('settings.asideCount', { more: more ? 'yes' : 'no', number: number(count) })}
          </td>
          <td role="cell" data-label={t('settings.asideExample')} className="of-name">
            {instant(latest.receivedAt, account?.timeZone ?? 'UTC')}
            <span className="under">
              {[latest.itemType, latest.orderGroup ?? latest.reminderId ?? latest.itemId].filter(Boolean).join(' · ')}
            </span>
          </td>
          <td role="cell" className="end">
            {latest.source === 'rollup' ? (
              <span className="muted small">{t('aside.ours')}</span>
            ) : (
              <Button
                aria-label={t('aside.replayOf', { reason: t(reasonId(code)) })}
                aria-describedby="aside-replay"
                isDisabled={!canWrite || (replaying !== undefined && replaying !== code)}
                isBusy={replaying === code}
                onPress={() => onReplay(code)}
              >
                {t('aside.replay')}
              </Button>
            )}
          </td>
        </tr>
      ))}
    </RowTable>
  );
}
