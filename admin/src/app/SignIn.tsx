import { useState } from 'react';
import { useFormat } from '../i18n/useFormat';
import type { Session } from '../session/session';
import { Button } from '../ui/Button';

/** Asks to sign in, at first or again; the way back leads to the same view. */
export function SignIn({ session, expired }: { session: Session; expired: boolean }) {
  const { t } = useFormat();
  const [state, setState] = useState<'idle' | 'leaving' | 'failed'>(session.signInFailed ? 'failed' : 'idle');
  const signIn = async (): Promise<void> => {
    setState('leaving');
    try {
      await session.signIn();
      // A redirect ends this page; a session without one reloads it, or could not sign in.
      if (session.token() === undefined) setState('failed');
    } catch {
      setState('failed');
    }
  };
  return (
    <main className="sign-in">
      <div className="card sign-in-card">
        <h1>{t(expired ? 'session.expired' : 'session.signInTitle')}</h1>
        <p className="muted">{t(expired ? 'session.expiredText' : 'session.signInText')}</p>
        {state === 'failed' && <p role="alert">{t('session.failed')}</p>}
        <Button kind="primary" autoFocus isBusy={state === 'leaving'} onPress={() => void signIn()}>
          {t('session.signIn')}
        </Button>
      </div>
    </main>
  );
}
