import { lazy, Suspense, useState } from 'react';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Button } from 'react-aria-components/Button';
import { Popover } from 'react-aria-components/Popover';
import { useFormat } from '../i18n/useFormat';
import type { Day, DayRange } from '../period/days';
import { goTo, type RangeChoice } from '../period/urlState';
import { CalendarIcon } from '../ui/icons';
import { LazyBoundary } from '../ui/LazyBoundary';

const RangePanel = lazy(() => import('./RangePanel'));

interface RangePickerProps {
  choice: RangeChoice;
  range: DayRange;
  today: Day;
}

/** The button that names the chosen days; its panel, with the calendar, is loaded when first opened. */
export function RangePicker({ choice, range, today }: RangePickerProps) {
  const { t, range: formatRange } = useFormat();
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button className="button range-button" aria-label={t('range.button', { range: formatRange(range) })}>
        <CalendarIcon />
        <span>{formatRange(range)}</span>
      </Button>
      <Popover className="popover range-popover" placement="bottom end">
        <Dialog aria-label={t('range.label')} className="range-dialog">
          <LazyBoundary onFailed={close}>
            <Suspense fallback={<div className="range-panel" />}>
              <RangePanel
                choice={choice}
                range={range}
                today={today}
                onChoose={(chosen) => {
                  close();
                  goTo({ range: chosen });
                }}
              />
            </Suspense>
          </LazyBoundary>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
