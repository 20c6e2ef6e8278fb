import { useState } from 'react';
import { useFormat } from '../i18n/useFormat';
import { isFramed } from '../frame/host';
import type { Session } from '../session/session';
import { Button } from '../ui/Button';

interface SignInProps {
  session: Session;
  expired: boolean;
  /** Told when somebody signed in without leaving this page. */
  onSignedIn: () => void;
}

/** Asks to sign in, at first or again; the way back leads to the same view. */
export function SignIn({ session, expired, onSignedIn }: SignInProps) {
  const { t } = useFormat();
  const [state, setState] = useState<'idle' | 'leaving' | 'failed'>(session.signInFailed ? 'failed' : 'idle');
  const signIn = async (): Promise<void> => {
    setState('leaving');
    try {
      await session.signIn();
      // A redirect ends this page; from a frame a window was opened, which brought a token or was closed.
      if (session.token() === undefined) setState('failed');
      else onSignedIn();
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
        {state === 'failed' && isFramed() && (
          <a className="button" href={window.location.href} target="_blank" rel="noreferrer">
            {t('session.ownWindow')}
          </a>
        )}
      </div>
    </main>
  );
}
