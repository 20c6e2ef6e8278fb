import { useRef, useState, type SyntheticEvent } from 'react';
import { useFormat } from '../i18n/useFormat';
import { goTo } from '../period/urlState';
import { Button } from '../ui/Button';
import { SearchIcon } from '../ui/icons';

/** Finds any order by its number, whether or not it counts: its address opens. */
export function OrderSearch() {
  const { t } = useFormat();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  const find = (event: SyntheticEvent): void => {
    event.preventDefault();
    // People copy the sign that VTEX's mails put before the number.
    const order = text.trim().replace(/^#/, '');
    setMissing(!order);
    if (order) goTo({ order });
    else input.current?.focus();
  };
  return (
    <form role="search" className="order-search" onSubmit={find}>
      <label className="search">
        <SearchIcon size={16} />
        <span className="visually-hidden">{t('purchases.search')}</span>
        <input
          ref={input}
          type="search"
          className="input"
          placeholder={t('purchases.search')}
          value={text}
          aria-invalid={missing || undefined}
          aria-describedby={missing ? 'order-search-error' : undefined}
          onChange={(event) => {
            setText(event.target.value);
            setMissing(false);
          }}
        />
      </label>
      <Button type="submit">{t('purchases.find')}</Button>
      {missing && (
        <p id="order-search-error" className="field-error">
          {t('purchases.searchMissing')}
        </p>
      )}
    </form>
  );
}
