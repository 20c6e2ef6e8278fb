import { useFormat } from '../i18n/useFormat';
import {
  addDays,
  isDay,
  PRESET_DAYS,
  PRESETS,
  RANGE_DAYS,
  rangeDays,
  type Day,
  type DayRange,
  type Preset,
} from '../period/days';
import { resolveRange, type RangeChoice } from '../period/urlState';
import { SelectField } from '../ui/SelectField';
import { TextInput } from '../ui/TextInput';

const OTHER = 'other';

interface DaysFieldProps {
  value: RangeChoice;
  today: Day;
  onChange: (value: RangeChoice) => void;
  /** What is wrong with the days, if it may be said yet. */
  error: string | undefined;
}

/** Whether the API takes these days. */
export const isRange = ({ from, to }: DayRange, today: Day): boolean =>
  isDay(from) &&
  isDay(to) &&
  from <= to &&
  to <= today &&
  from >= addDays(today, -RANGE_DAYS) &&
  rangeDays({ from, to }) <= RANGE_DAYS;

/** The days of a report: those of a name, or any others. */
export function DaysField({ value, today, onChange, error }: DaysFieldProps) {
  const { t, range: formatRange } = useFormat();
  const days = typeof value === 'string' ? resolveRange(value, today) : value;
  const label = (preset: Preset): string => {
    const count = PRESET_DAYS[preset];
    return count ? t('range.last', { days: count }) : t(`range.${preset as 'today'}`);
  };
  const bounds = { min: addDays(today, -RANGE_DAYS), max: today };
  return (
    <>
      <SelectField<Preset | typeof OTHER>
        label={t('report.days')}
        choices={[...PRESETS.map((id) => ({ id, label: label(id) })), { id: OTHER, label: t('report.otherDays') }]}
        value={typeof value === 'string' ? value : OTHER}
        onChange={(chosen) => onChange(chosen === OTHER ? days : chosen)}
      />
      {typeof value === 'string' ? (
        <p className="muted small">{formatRange(days)}</p>
      ) : (
        <div className="two-fields">
          <TextInput
            label={t('report.from')}
            type="date"
            value={days.from}
            {...bounds}
            onChange={(from) => onChange({ ...days, from })}
            error={error}
          />
          <TextInput
            label={t('report.to')}
            type="date"
            value={days.to}
            {...bounds}
            onChange={(to) => onChange({ ...days, to })}
          />
        </div>
      )}
    </>
  );
}
