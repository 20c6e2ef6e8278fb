import type { ReportFormat } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { RadioField } from '../ui/RadioField';
import { formatsFor } from './formats';

interface FormatFieldProps {
  value: ReportFormat;
  onChange: (value: ReportFormat) => void;
}

/** What the file is. */
export function FormatField({ value, onChange }: FormatFieldProps) {
  const { t, language } = useFormat();
  return (
    <RadioField
      label={t('report.format')}
      choices={formatsFor(language).map((id) => ({ id, label: t(`report.${id}`), text: t(`report.${id}Text`) }))}
      value={value}
      onChange={onChange}
    />
  );
}
