import { useState } from 'react';
import { useSaveAccount } from '../api/changes';
import { useAccount } from '../api/queries';
import type { Account, MessagePrice, NewAccount } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { DialogBody, DialogFoot, ModalDialog } from '../ui/ModalDialog';
import { SelectField } from '../ui/SelectField';
import { TextInput } from '../ui/TextInput';
import { useToast } from '../ui/Toasts';
import { readPrice, withPrice } from './prices';

/** Where stores of the platform sell: what is offered beside the currencies that have a price already. */
const CURRENCIES = ['ARS', 'BOB', 'BRL', 'CLP', 'COP', 'CRC', 'EUR', 'GTQ', 'MXN', 'PEN', 'PYG', 'USD', 'UYU'];

/** The settings as they stand, to be sent back with other prices. */
const wholeOf = (account: Account, messagePrices: MessagePrice[]): NewAccount => ({
  timeZone: account.timeZone,
  countryCode: account.countryCode,
  language: account.language,
  storeUrl: account.pending.storeUrl ?? account.storeUrl,
  phoneNumberIds: [...new Set([...account.phoneNumberIds, ...account.pending.phoneNumberIds])],
  ...(account.reportDomains ? { reportDomains: account.reportDomains } : {}),
  messagePrices,
});

/** What a message costs: the store says it, in each currency in which it pays. */
export function PriceDialog({ currency: first, onClose }: { currency: string; onClose: () => void }) {
  const { t, locale } = useFormat();
  const toast = useToast();
  const { data: account } = useAccount();
  const save = useSaveAccount();
  const prices = account?.messagePrices ?? [];
  const shownPrice = (of: string): string => {
    const price = prices.find((each) => each.currency === of)?.price ?? '';
    const point = new Intl.NumberFormat(locale).format(0.5).charAt(1);
    return price.replace('.', point);
  };
  const [currency, setCurrency] = useState(first);
  const [text, setText] = useState(() => shownPrice(first));
  const [tried, setTried] = useState(false);
  const names = new Intl.DisplayNames(locale, { type: 'currency' });
  const choices = [...new Set([first, ...prices.map((each) => each.currency), ...CURRENCIES])].sort();
  const price = readPrice(text);
  const removes = text.trim() === '' && shownPrice(currency) !== '';
  const submit = (): void => {
    setTried(true);
    if (!account || save.isPending || (price === undefined && !removes)) return;
    save.mutate(wholeOf(account, withPrice(prices, currency, price)), {
      onSuccess: () => {
        toast({ kind: 'good', title: t('price.saved') });
        onClose();
      },
    });
  };
  return (
    <ModalDialog title={t('price.title')} onClose={onClose}>
      <FieldForm error={save.error} onSubmit={submit}>
        <DialogBody>
          <p className="muted small">{t('price.intro')}</p>
          <SelectField
            label={t('price.currency')}
            choices={choices.map((id) => ({ id, label: `${id} – ${names.of(id) ?? id}` }))}
            value={currency}
            onChange={(chosen) => {
              setCurrency(chosen);
              setText(shownPrice(chosen));
            }}
          />
          <TextInput
            label={t('price.price')}
            hint={t('price.hint')}
            value={text}
            onChange={setText}
            autoComplete="off"
            error={tried && price === undefined && !removes ? t('price.invalid') : undefined}
          />
          <FormError error={save.error} />
        </DialogBody>
        <DialogFoot>
          <Button onPress={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" isBusy={save.isPending} isDisabled={!account}>
            {t('price.save')}
          </Button>
        </DialogFoot>
      </FieldForm>
    </ModalDialog>
  );
}
