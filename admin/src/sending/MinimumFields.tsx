import { useFormat } from '../i18n/useFormat';
import { Button, IconButton } from '../ui/Button';
import { CloseIcon, PlusIcon } from '../ui/icons';
import { TextInput } from '../ui/TextInput';
import type { CampaignSending } from './types';

export type Minimum = CampaignSending['minimum'];
export interface MinimumRow {
  id: number;
  currency: string;
  amount: string;
}

const MOST = 20;

/** How many digits an amount of a currency has; none where there is no such currency. */
function digitsOf(currency: string): number | undefined {
  if (!/^[A-Z]{3}$/.test(currency)) return undefined;
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
}

/** The minimum that the rows name, as the API takes it; none where one of them is no amount, or a currency stands twice. */
export function minimumOf(rows: readonly MinimumRow[]): Minimum | undefined {
  const minimum: Minimum = [];
  for (const row of rows) {
    const currency = row.currency.trim().toUpperCase();
    const amount = row.amount.trim().replace(',', '.');
    if (currency === '' && amount === '') continue;
    const digits = digitsOf(currency);
    const [, fraction = ''] = amount.split('.');
    const isAmount = /^\d{1,12}(\.\d+)?$/.test(amount);
    if (digits === undefined || !isAmount || fraction.length > digits) return undefined;
    if (minimum.some((each) => each.currency === currency)) return undefined;
    minimum.push({ currency, amount });
  }
  return minimum;
}

interface MinimumFieldsProps {
  rows: readonly MinimumRow[];
  onChange: (rows: MinimumRow[]) => void;
  error?: string | undefined;
}

/** The least value of a cart, a line for each currency. */
export function MinimumFields({ rows, onChange, error }: MinimumFieldsProps) {
  const { t } = useFormat();
  const change = (id: number, to: Partial<MinimumRow>): void =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...to } : row)));
  const add = (): void =>
    onChange([...rows, { id: Math.max(-1, ...rows.map(({ id }) => id)) + 1, currency: '', amount: '' }]);
  return (
    <fieldset className="field minimums">
      <legend className="react-aria-Label">{t('sending.minimum')}</legend>
      {rows.map(({ id, currency, amount }) => (
        <div key={id} className="minimum">
          <TextInput
            label={t('sending.minimumCurrency')}
            value={currency}
            onChange={(value) => change(id, { currency: value.toUpperCase() })}
            maxLength={3}
            autoComplete="off"
            suggestions={['BRL', 'ARS', 'CLP', 'COP', 'MXN', 'PEN', 'USD', 'EUR']}
          />
          <TextInput
            label={t('sending.minimumAmount')}
            value={amount}
            onChange={(value) => change(id, { amount: value })}
            autoComplete="off"
          />
          <IconButton
            label={t('sending.minimumRemove', { currency: currency || '…' })}
            onPress={() => onChange(rows.filter((row) => row.id !== id))}
          >
            <CloseIcon size={16} />
          </IconButton>
        </div>
      ))}
      <div>
        <Button kind="plain" isDisabled={rows.length >= MOST} onPress={add}>
          <PlusIcon size={16} />
          {t('sending.minimumAdd')}
        </Button>
      </div>
      <p className="muted small">{t('sending.minimumHint')}</p>
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
