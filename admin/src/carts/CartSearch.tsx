import { useRef, useState, type ReactNode, type SyntheticEvent } from 'react';
import { isProblem } from '../api/problem';
import { useApp } from '../app/AppContext';
import { useFormat, type MessageId } from '../i18n/useFormat';
import { goTo } from '../period/urlState';
import { Button } from '../ui/Button';
import { SearchIcon } from '../ui/icons';
import { PageLink } from '../ui/PageLink';
import { useProblemText } from '../ui/useProblemText';
import { useCartsOfPhone } from './api';
import { isCartId } from './cartId';
import type { Cart } from './types';
import { useSaid } from './useSaid';

interface CartSearchProps {
  /** What stands beside it: what was found comes below. */
  children: ReactNode;
}

/** Why a cart wasn't reminded of: finds any cart by its id, and those of a phone number, which comes into no address. */
export function CartSearch({ children }: CartSearchProps) {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const input = useRef<HTMLInputElement>(null);
  const problemText = useProblemText();
  const ofPhone = useCartsOfPhone();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<MessageId>();
  const refuse = (why: MessageId): void => {
    setWrong(why);
    input.current?.focus();
  };
  const find = (event: SyntheticEvent): void => {
    event.preventDefault();
    const wanted = text.trim();
    ofPhone.reset();
    setWrong(undefined);
    if (!wanted) refuse(canWrite ? 'carts.searchMissing' : 'carts.searchIdMissing');
    else if (isCartId(wanted)) goTo({ cart: wanted, episode: undefined });
    else if (!canWrite) refuse('carts.phoneNotAllowed');
    else if (!ofPhone.isPending) ofPhone.mutate(wanted);
  };
  const { error } = ofPhone;
  const refused = isProblem(error) && error.status === 422 ? t('carts.searchInvalid') : undefined;
  const wrongText = wrong ? t(wrong) : refused;
  return (
    <>
      <form role="search" className="order-search" onSubmit={find}>
        <label className="search">
          <SearchIcon size={16} />
          <span className="visually-hidden">{t(canWrite ? 'carts.search' : 'carts.searchId')}</span>
          <input
            ref={input}
            type="search"
            className="input"
            autoComplete="off"
            placeholder={t(canWrite ? 'carts.search' : 'carts.searchId')}
            value={text}
            aria-invalid={wrongText ? true : undefined}
            aria-describedby={wrongText ? 'cart-search-error' : undefined}
            onChange={(event) => {
              setText(event.target.value);
              setWrong(undefined);
              ofPhone.reset();
            }}
          />
        </label>
        <Button type="submit" isBusy={ofPhone.isPending}>
          {t('carts.find')}
        </Button>
        {wrongText && (
          <p id="cart-search-error" className="field-error">
            {wrongText}
          </p>
        )}
      </form>
      {children}
      <div role="status" className="carts-found">
        {error && !refused && <p className="field-error">{problemText(error)}</p>}
        {ofPhone.data && <Found carts={ofPhone.data} readAt={ofPhone.submittedAt} />}
      </div>
    </>
  );
}

/** The most carts of one number that the API tells. */
const MOST = 20;

function Found({ carts, readAt }: { carts: readonly Cart[]; readAt: number }) {
  const { t, number } = useFormat();
  const said = useSaid();
  if (carts.length === 0) {
    return (
      <>
        <p>{t('carts.foundNone')}</p>
        <p className="muted small">{t('carts.foundNoneText')}</p>
      </>
    );
  }
  const values = { count: carts.length, number: number(carts.length) };
  return (
    <>
      <p>{t(carts.length < MOST ? 'carts.found' : 'carts.foundLatest', values)}</p>
      <ul>
        {carts.map((cart) => (
          <li key={cart.orderFormId ?? cart.episode}>
            {cart.orderFormId ? (
              <PageLink to={{ cart: cart.orderFormId }}>{cart.orderFormId}</PageLink>
            ) : (
              <span className="muted">{t('carts.noId')}</span>
            )}
            <span className="under">{said(cart, readAt)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
