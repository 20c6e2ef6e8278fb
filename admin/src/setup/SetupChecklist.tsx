import { useEffect, useState } from 'react';
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
import { useToast } from '../ui/Toasts';
import { SETUP_STEPS, setupStates, tourCommand, type SetupState, type SetupStep } from './setupSteps';

/** Remembers in this browser that an account has all steps behind it: then nothing is asked for any more. */
const doneKey = (account: string): string => `set-up:${account}`;

/** What is left to do until the first figures stand here. It fills itself, and goes when all is done. */
export default function SetupChecklist() {
  const { account } = useApp();
  const [done] = useState(() => localStorage.getItem(doneKey(account)) !== null);
  return done ? null : (
    <LaterTexts parts={['settings']}>
      <Checklist />
    </LaterTexts>
  );
}

function Checklist() {
  const { t } = useFormat();
  const { account: name } = useApp();
  const { data: account } = useAccount();
  const { data: vtex } = useVtex('often');
  const today = useToday(account?.timeZone ?? browserZone());
  const { data: metrics } = useMetrics({ from: addDays(today, 1 - RANGE_DAYS), to: today });
  const states = account && vtex && metrics ? setupStates(account, vtex, metrics.totals) : undefined;
  const next = states && SETUP_STEPS.find((step) => states[step] !== 'done');
  useEffect(() => {
    if (states && !next) localStorage.setItem(doneKey(name), 'done');
  }, [states, next, name]);
  if (!states || !next) return null;
  const count = SETUP_STEPS.filter((step) => states[step] === 'done').length;
  return (
    <section className="section" aria-labelledby="checklist-title">
      <h2 id="checklist-title" className="section-title" tabIndex={-1}>
        {t('checklist.title', { done: count, total: SETUP_STEPS.length })}
      </h2>
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
  const toast = useToast();
  const { data: campaigns } = useCampaigns();
  const base = session.apiUrl || window.location.origin;
  const command = tourCommand(step, { base, account, campaignId: campaigns?.[0]?.campaignId });
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(command ?? '');
    toast({ kind: 'good', title: t('action.copied') });
  };
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
          <Button onPress={() => void copy()}>{t('checklist.copy')}</Button>
        </details>
      ) : (
        <p>
          <PageLink to={{ view: 'settings' }}>{t('checklist.settings')}</PageLink>
        </p>
      )}
    </div>
  );
}
