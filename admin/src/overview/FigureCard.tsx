import { useId, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import type { Figures, Money } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { goTo } from '../period/urlState';
import { HelpBubble } from '../ui/HelpBubble';
import { Skeleton } from '../ui/Skeleton';
import { amountsBeside } from './comparison';
import { amountIn, change, type CountFigure, type Figure, type MoneyFigure } from './figures';
import { UnripeMark } from './UnripeMark';

/** The same figure of the days compared with. */
export interface Before {
  figures: Figures;
  /** Whether these days have had more time. */
  unripe: boolean;
  /** Whether the change says something: not of a figure that is still being made, beside that of whole days. */
  tellsChange: boolean;
}

interface FigureCardProps {
  figure: Figure;
  figures: Figures | undefined;
  before: Before | undefined;
  /** Whether its chart is shown. */
  chosen: boolean;
}

/** A figure. A press anywhere on it shows its chart; what it means is told to a pointer, on focus, and by a tap on the mark. */
export function FigureCard({ figure, figures, before, chosen }: FigureCardProps) {
  const { t } = useFormat();
  const [isFocused, setFocused] = useState(false);
  const helpId = useId();
  return (
    <div className={chosen ? 'figure chosen' : 'figure'} data-figure={figure.id}>
      <dt className="figure-label">
        <Button
          className="figure-choose"
          aria-pressed={chosen}
          aria-describedby={helpId}
          onPress={() => goTo({ figure: chosen ? undefined : figure.id })}
          onFocus={(event) => setFocused(event.target.matches(':focus-visible'))}
          onBlur={() => setFocused(false)}
        >
          {t(figure.label)}
        </Button>
        <span id={helpId} hidden>
          {t(figure.help)}
        </span>
        <HelpBubble
          label={t('figure.help', { figure: t(figure.label) })}
          text={t(figure.help)}
          isShown={isFocused}
          onDismiss={() => setFocused(false)}
        />
      </dt>
      <dd className="figure-value">
        {!figures ? (
          <Skeleton width="60%" height={28} />
        ) : figure.kind === 'count' ? (
          <Count figure={figure} figures={figures} before={before} />
        ) : (
          <Amounts figure={figure} figures={figures} before={before} />
        )}
      </dd>
    </div>
  );
}

function Count({ figure, figures, before }: { figure: CountFigure; figures: Figures; before: Before | undefined }) {
  const { t, number, percent } = useFormat();
  const count = figure.count(figures);
  const whole = figure.share?.of(figures) ?? 0;
  return (
    <>
      <span className="figure-line">
        <span className="figure-number numeric">{number(count)}</span>
        {before && <Change now={count} then={figure.count(before.figures)} before={before} />}
      </span>
      {figure.share && (
        <ShareNote
          text={(share) => t(figure.share?.message ?? 'figure.ofSent', { share: percent(share) })}
          share={whole > 0 ? count / whole : undefined}
        />
      )}
      {before && <Earlier value={number(figure.count(before.figures))} unripe={before.unripe} />}
      {figure.id === 'sent' && figures.failed > 0 && (
        <span className="figure-note">{t('figure.failed', { count: figures.failed })}</span>
      )}
      {figure.id === 'totalClicks' && figures.optOuts > 0 && (
        <span className="figure-note">{t('figure.optOuts', { count: figures.optOuts })}</span>
      )}
    </>
  );
}

function Amounts({ figure, figures, before }: { figure: MoneyFigure; figures: Figures; before: Before | undefined }) {
  const { t, money, percent } = useFormat();
  const amounts = amountsBeside(figure.money(figures), before ? figure.money(before.figures) : []);
  const shareOf = (amount: Money): number | undefined => {
    const whole = figure.of ? amountIn(figure.of(figures), amount.currency) : 0;
    return whole > 0 ? Number(amount.amount) / whole : undefined;
  };
  return (
    <>
      {amounts.length === 0 && <span className="figure-number numeric">–</span>}
      {amounts.map(({ now, before: then }) => (
        <span key={now.currency} className={amounts.length > 1 ? 'figure-amount small-amount' : 'figure-amount'}>
          <span className="figure-line">
            <span className="figure-number numeric">{money(now)}</span>
            {before && <Change now={Number(now.amount)} then={Number(then.amount)} before={before} />}
          </span>
          <ShareNote text={(share) => t('figure.ofValue', { share: percent(share) })} share={shareOf(now)} />
          {before && <Earlier value={money(then)} unripe={before.unripe} />}
        </span>
      ))}
    </>
  );
}

function ShareNote({ text, share }: { text: (share: number) => string; share: number | undefined }) {
  return share === undefined ? null : <span className="figure-note">{text(share)}</span>;
}

/** The value of the days compared with. */
function Earlier({ value, unripe }: { value: string; unripe: boolean }) {
  const { t } = useFormat();
  return (
    <span className="figure-note figure-before">
      {t('figure.before', { value })}
      {unripe && <UnripeMark />}
    </span>
  );
}

function Change({ now, then, before }: { now: number; then: number; before: Before }) {
  const { t, percent, signedPercent } = useFormat();
  const share = change(now, then);
  if (share === undefined || !before.tellsChange) return null;
  const direction = share > 0 ? 'up' : share < 0 ? 'down' : 'same';
  const arrow = { up: '↑', down: '↓', same: '' }[direction];
  return (
    <span className={`figure-change ${before.unripe ? 'unripe' : direction}`}>
      <span aria-hidden="true">
        {arrow} {percent(Math.abs(share))}
      </span>
      <span className="visually-hidden">{t('figure.change', { change: signedPercent(share) })}</span>
    </span>
  );
}
