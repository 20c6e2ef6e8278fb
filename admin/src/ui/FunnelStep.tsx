import type { ReactNode } from 'react';
import { useFormat } from '../i18n/useFormat';

interface FunnelStepProps {
  /** Which step it is: its bar has the step's colour. */
  id: string;
  label: string;
  count: number;
  /** How much of the first step came as far, 0 to 1. */
  share: number;
  /** The shares in words. */
  children: ReactNode;
}

/** A step of a funnel: how many came as far, and how much that is. */
export function FunnelStep({ id, label, count, share, children }: FunnelStepProps) {
  const { number } = useFormat();
  return (
    <li className={`funnel-step ${id}`}>
      <span className="muted small">{label}</span>
      <strong className="numeric">{number(count)}</strong>
      <span className="funnel-bar" aria-hidden="true">
        <span style={{ width: `${Math.min(1, share) * 100}%` }} />
      </span>
      <span className="muted small">{children}</span>
    </li>
  );
}
