import type { ReportFormat } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { RadioField } from '../ui/RadioField';

interface FormatFieldProps {
  value: ReportFormat;
  onChange: (value: ReportFormat) => void;
}

/** Which program the file is for. */
export function FormatField({ value, onChange }: FormatFieldProps) {
  const { t } = useFormat();
  return (
    <RadioField
      label={t('report.format')}
      choices={[
        { id: 'csv', label: t('report.csv'), text: t('report.csvText') },
        { id: 'excel', label: t('report.excel'), text: t('report.excelText') },
      ]}
      value={value}
      onChange={onChange}
    />
  );
}
