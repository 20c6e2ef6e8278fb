import { useState } from 'react';
import { useAccount } from '../api/queries';
import { useApp } from '../app/AppContext';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FieldForm } from '../ui/FieldForm';
import { FormError } from '../ui/FormError';
import { TextInput } from '../ui/TextInput';
import { useOptOut, type OptOutAct } from './api';
import { useFieldText, useSendingProblem } from './problems';
import type { OptOut } from './types';

/** Who wants no messages: looked up, noted and taken back by phone number. */
export function OptOutsSection() {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const optOut = useOptOut();
  const fieldText = useFieldText();
  const problem = useSendingProblem();
  const [phone, setPhone] = useState('');
  const [tried, setTried] = useState(false);
  const ask = (act: OptOutAct): void => {
    setTried(true);
    if (phone.trim() && !optOut.isPending) optOut.mutate({ act, phone: phone.trim() });
  };
  const known = optOut.data;
  return (
    <section className="section setup" aria-labelledby="opt-outs-title">
      <h2 id="opt-outs-title" tabIndex={-1}>
        {t('sending.optOuts')}
      </h2>
      <p className="muted">{t('sending.optOutsText')}</p>
      <FieldForm className="card setup-form" error={optOut.error} onSubmit={() => ask('lookup')}>
        <TextInput
          label={t('sending.phone')}
          hint={t('sending.phoneHint')}
          value={phone}
          onChange={(value) => {
            setPhone(value);
            optOut.reset();
          }}
          isReadOnly={!canWrite}
          autoComplete="off"
          error={tried && !phone.trim() ? t('sending.phoneInvalid') : fieldText(optOut.error, 'phone')}
        />
        <div className="section-actions">
          <Button kind="primary" type="submit" isBusy={optOut.isPending} isDisabled={!canWrite}>
            {t('sending.lookUp')}
          </Button>
        </div>
        <div role="status">
          {known && (
            <>
              <OptOutText optOut={known} />
              <Button
                kind={known.optedOut ? 'secondary' : 'danger'}
                isBusy={optOut.isPending}
                onPress={() => ask(known.optedOut ? 'remove' : 'add')}
              >
                {t(known.optedOut ? 'sending.optIn' : 'sending.optOut')}
              </Button>
            </>
          )}
        </div>
        <FormError error={optOut.error} except={['phone']} text={optOut.error ? problem(optOut.error) : undefined} />
      </FieldForm>
    </section>
  );
}

function OptOutText({ optOut }: { optOut: OptOut }) {
  const { t, instant } = useFormat();
  const { data: account } = useAccount();
  const at = (text: string): string => instant(text, account?.timeZone ?? 'UTC');
  const { optedOut, since, suppressedUntil } = optOut;
  return (
    <>
      <p>
        {optedOut
          ? t('sending.isOut', { at: since ? at(since) : '' })
          : since
            ? t('sending.isBack', { at: at(since) })
            : t('sending.isIn')}
      </p>
      {suppressedUntil && <p>{t('sending.isSuppressed', { at: at(suppressedUntil) })}</p>}
    </>
  );
}
