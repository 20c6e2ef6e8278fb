import { useEffect, type ReactNode } from 'react';
import { useAccount, useCampaigns, useMetrics, useVtex } from '../api/queries';
import { useApp } from '../app/AppContext';
import { browserZone } from '../app/browserZone';
import { useToday } from '../app/useToday';
import { LaterTexts } from '../i18n/LaterTexts';
import { useFormat } from '../i18n/useFormat';
import { addDays, RANGE_DAYS } from '../period/days';
import { Button } from '../ui/Button';
import { CheckIcon } from '../ui/icons';
import { PageLink } from '../ui/PageLink';
import { useCopy } from '../ui/useCopy';
import { useOnScreen } from '../ui/useOnScreen';
import { nextStep, SETUP_STEPS, setupStates, tourCommand, type SetupState, type SetupStep } from './setupSteps';

interface SetupChecklistProps {
  /** What is shown while the steps' states are awaited. */
  room: ReactNode;
  /** No step is left, or nobody wants to see them any more. */
  onEnd: () => void;
}

/** What is left to do until the first figures stand here. It fills itself, and goes when all is done. */
export default function SetupChecklist(props: SetupChecklistProps) {
  return (
    <LaterTexts parts={['settings']}>
      <Checklist {...props} />
    </LaterTexts>
  );
}

function Checklist({ room, onEnd }: SetupChecklistProps) {
  const { t } = useFormat();
  const [box, isSeen] = useOnScreen<HTMLElement>();
  const { data: account } = useAccount();
  const { data: vtex } = useVtex(isSeen ? 'often' : 'never');
  const today = useToday(account?.timeZone ?? browserZone());
  const year = { from: addDays(today, 1 - RANGE_DAYS), to: today };
  const { data: metrics } = useMetrics(year, undefined, isSeen ? 'often' : 'never');
  const states = account && vtex && metrics ? setupStates(account, vtex, metrics.totals) : undefined;
  const next = states && nextStep(states);
  const over = states !== undefined && !next;
  useEffect(() => {
    if (over) onEnd();
    // The end comes once.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [over]);
  if (!states || !next) return room;
  const count = SETUP_STEPS.filter((step) => states[step] === 'done').length;
  return (
    <section ref={box} className="section" aria-labelledby="checklist-title">
      <div className="section-head">
        <h2 id="checklist-title" tabIndex={-1}>
          {t('checklist.title', { done: count, total: SETUP_STEPS.length })}
        </h2>
        <Button kind="plain" onPress={onEnd}>
          {t('checklist.putAway')}
        </Button>
      </div>
      <ol className="card checklist">
        {SETUP_STEPS.map((step) => (
          <Step key={step} step={step} state={states[step]} isNext={step === next} />
        ))}
      </ol>
    </section>
  );
}

function Step({ step, state, isNext }: { step: SetupStep; state: SetupState; isNext: boolean }) {
  const { t } = useFormat();
  return (
    <li className={`checklist-step ${state}`}>
      <span className="checklist-mark" aria-hidden="true">
        {state === 'done' && <CheckIcon size={16} />}
      </span>
      <div>
        <p className="checklist-name">
          {t(`checklist.${step}`)} <span className="muted small">{t(`checklist.${state}`)}</span>
        </p>
        {isNext && <NextStep step={step} state={state} />}
      </div>
    </li>
  );
}

/** What exactly to do, where, and for a developer by which command. */
function NextStep({ step, state }: { step: SetupStep; state: SetupState }) {
  const { t } = useFormat();
  const { account, session } = useApp();
  const copy = useCopy();
  const { data: campaigns } = useCampaigns();
  const base = session.apiUrl || window.location.origin;
  const command = tourCommand(step, { base, account, campaignId: campaigns?.[0]?.campaignId });
  return (
    <div className="checklist-next">
      <p className="muted">
        {t(state === 'waiting' ? `checklist.${step as 'number'}Waiting` : `checklist.${step}Text`)}
      </p>
      {command ? (
        <details>
          <summary>{t('checklist.developer')}</summary>
          {/* The focus must reach what can be scrolled. */}
          <pre className="command" tabIndex={0} role="region" aria-label={t('checklist.command')}>
            {command}
          </pre>
          <Button onPress={() => void copy(command)}>{t('checklist.copy')}</Button>
        </details>
      ) : (
        <p>
          <PageLink to={{ view: 'settings' }}>{t('checklist.settings')}</PageLink>
        </p>
      )}
    </div>
  );
}
