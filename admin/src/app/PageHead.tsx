import type { MouseEvent } from 'react';
import type { Campaign } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { goTo, useSearch, VIEWS, writeUrl, type View } from '../period/urlState';
import { Button } from '../ui/Button';
import { useApp } from './AppContext';
import { useDialogs } from './dialogs';

interface PageHeadProps {
  view: View;
  campaign: Campaign | undefined;
  canReport: boolean;
}

export function PageHead({ view, campaign, canReport }: PageHeadProps) {
  const { t } = useFormat();
  const { account, canWrite, session } = useApp();
  const openDialog = useDialogs();
  return (
    <header className="page-head">
      <div className="page-title">
        <div>
          <h1>{t('app.title')}</h1>
          <p className="account muted small">
            <span>{t('app.account', { account })}</span>
            {session.mode === 'local' && <span className="tag demo">{t('app.demo')}</span>}
            {session.mode === 'oidc' && (
              <Button kind="plain" onPress={() => void session.signOut()}>
                {t('app.signOut')}
              </Button>
            )}
          </p>
        </div>
        {canWrite && (
          <Button kind="primary" isDisabled={!canReport} onPress={() => openDialog({ kind: 'report', campaign })}>
            {t('report.send')}
          </Button>
        )}
      </div>
      {!canWrite && <p className="muted small">{t('session.readOnly')}</p>}
      <nav aria-label={t('nav.label')} className="tabs">
        {VIEWS.map((each) => (
          <ViewLink key={each} view={each} current={each === view} />
        ))}
      </nav>
    </header>
  );
}

function ViewLink({ view, current }: { view: View; current: boolean }) {
  const { t } = useFormat();
  const search = useSearch();
  const onClick = (event: MouseEvent): void => {
    // A new tab or window is the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    goTo({ view });
  };
  return (
    <a
      href={`/${writeUrl(search, { view })}`}
      className="tab"
      aria-current={current ? 'page' : undefined}
      onClick={onClick}
    >
      {t(`nav.${view}`)}
    </a>
  );
}
