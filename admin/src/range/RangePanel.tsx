import { useState } from 'react';
import { parseDate, type CalendarDate } from '@internationalized/date';
import { CalendarCell, CalendarGrid, CalendarHeading, RangeCalendar } from 'react-aria-components/RangeCalendar';
import { Button } from 'react-aria-components/Button';
import { useFormat } from '../i18n/useFormat';
import { addDays, PRESETS, PRESET_DAYS, RANGE_DAYS, type Day, type DayRange, type Preset } from '../period/days';
import type { RangeChoice } from '../period/urlState';
import { NextIcon, PreviousIcon } from '../ui/icons';
import { useMediaQuery } from '../ui/useMediaQuery';

interface RangePanelProps {
  choice: RangeChoice;
  range: DayRange;
  today: Day;
  onChoose: (choice: RangeChoice) => void;
}

export default function RangePanel({ choice, range, today, onChoose }: RangePanelProps) {
  const { t } = useFormat();
  const narrow = useMediaQuery('(max-width: 719px)');
  const months = narrow ? 1 : 2;
  const [value, setValue] = useState({ start: parseDate(range.from), end: parseDate(range.to) });
  const [focused, setFocused] = useState<CalendarDate>(() => parseDate(range.to));
  return (
    <div className="range-panel">
      <PresetList choice={choice} onChoose={onChoose} />
      <div className="range-calendar">
        <RangeCalendar
          aria-label={t('range.calendar')}
          autoFocus
          value={value}
          focusedValue={focused}
          onFocusChange={(date) => setFocused(date)}
          visibleDuration={{ months }}
          selectionAlignment="end"
          minValue={parseDate(addDays(today, -RANGE_DAYS))}
          maxValue={parseDate(today)}
          onChange={(chosen) => {
            setValue({ start: chosen.start, end: chosen.end });
            onChoose({ from: chosen.start.toString(), to: chosen.end.toString() });
          }}
        >
          <div className="calendar-months">
            {Array.from({ length: months }, (_, index) => (
              <div key={index} className="calendar-month">
                <div className="calendar-head">
                  {index === 0 ? (
                    <Button slot="previous" className="icon-button" aria-label={t('range.previousMonth')}>
                      <PreviousIcon />
                    </Button>
                  ) : (
                    <span className="icon-space" />
                  )}
                  <CalendarHeading offset={{ months: index }} className="calendar-heading" />
                  {index === months - 1 ? (
                    <Button slot="next" className="icon-button" aria-label={t('range.nextMonth')}>
                      <NextIcon />
                    </Button>
                  ) : (
                    <span className="icon-space" />
                  )}
                </div>
                <CalendarGrid offset={{ months: index }} weekdayStyle="short" className="calendar-grid">
                  {(date) => <CalendarCell date={date} className="calendar-cell" />}
                </CalendarGrid>
              </div>
            ))}
          </div>
        </RangeCalendar>
        <p className="muted small">{t('range.hint')}</p>
      </div>
    </div>
  );
}

function PresetList({ choice, onChoose }: Pick<RangePanelProps, 'choice' | 'onChoose'>) {
  const { t } = useFormat();
  const label = (preset: Preset): string => {
    const days = PRESET_DAYS[preset];
    return days ? t('range.last', { days }) : t(`range.${preset as 'today'}`);
  };
  return (
    <div className="range-presets" role="group" aria-label={t('range.presets')}>
      {PRESETS.map((preset) => (
        <Button key={preset} className="preset" aria-pressed={choice === preset} onPress={() => onChoose(preset)}>
          {label(preset)}
        </Button>
      ))}
    </div>
  );
}
