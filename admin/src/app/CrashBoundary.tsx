import { Component, type ReactNode } from 'react';
import { useFormat } from '../i18n/useFormat';

/** The last net: a fault of ours shows a way on instead of an empty page. */
export class CrashBoundary extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError(): { crashed: boolean } {
    return { crashed: true };
  }

  override render(): ReactNode {
    return this.state.crashed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const { t } = useFormat();
  return (
    <main className="sign-in">
      <div className="card sign-in-card">
        <h1>{t('app.crashed')}</h1>
        <button type="button" className="button primary" onClick={() => window.location.reload()}>
          {t('app.reload')}
        </button>
      </div>
    </main>
  );
}
