import type { ReactNode } from 'react';
import { useWhen } from '../app/useWhen';
import { useFormat, type MessageId } from '../i18n/useFormat';
import { CheckIcon, CloseIcon } from '../ui/icons';
import { wayOf } from './gate';
import { reasonText } from './reasons';
import type { Gate, GateStep } from './types';

const findings: Record<GateStep['finding'], MessageId> = {
  passes: 'carts.finding.passes',
  waits: 'carts.finding.waits',
  defers: 'carts.finding.defers',
  ends: 'carts.finding.ends',
  unknown: 'carts.finding.unknown',
};

const marks: Record<GateStep['finding'], ReactNode> = {
  passes: <CheckIcon size={14} />,
  waits: '…',
  defers: '…',
  ends: <CloseIcon size={14} />,
  unknown: '?',
};

/** Each step of a cart's gate with what it found; the one that decides stands out, those behind it that nobody looked at are faint. */
export function GateSteps({ gate }: { gate: Gate }) {
  const { t } = useFormat();
  const findingText = useFindingText();
  return (
    <ol className="gate-steps">
      {wayOf(gate).map(({ name, found, decides }) => (
        <li
          key={name}
          className={`gate-step ${found?.finding ?? 'unseen'}${decides ? ' decides' : ''}`}
          aria-current={decides ? 'step' : undefined}
        >
          <span className="gate-mark" aria-hidden="true">
            {found && marks[found.finding]}
          </span>
          <span className="gate-name">{t(`carts.gate.${name}`)}</span>
          {decides && <span className="gate-tag">{t('carts.decides')}</span>}
          <span className="gate-finding">{found ? findingText(found) : t('carts.finding.unseen')}</span>
        </li>
      ))}
    </ol>
  );
}

function useFindingText(): (step: GateStep) => string {
  const { t } = useFormat();
  const when = useWhen();
  return ({ finding, reason, until }) =>
    t(findings[finding], { reason: t(reasonText(reason ?? '')), at: until ? when(until) : '' });
}
