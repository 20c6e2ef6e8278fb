import { useEffect, useRef } from 'react';
import type { Campaign } from '../api/types';
import { useFormat } from '../i18n/useFormat';
import { VIEWS, type View } from '../period/urlState';
import { Button } from '../ui/Button';
import { PageLink } from '../ui/PageLink';
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
  const tabs = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone not all of them fit: the one that is shown does.
    const tab = tabs.current?.querySelector<HTMLElement>('[aria-current]');
    if (tab && tabs.current) tabs.current.scrollLeft = tab.offsetLeft + tab.offsetWidth - tabs.current.clientWidth;
  }, [view]);
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
      <nav ref={tabs} aria-label={t('nav.label')} className="tabs">
        {VIEWS.map((each) => (
          <PageLink key={each} to={{ view: each }} className="tab" isCurrent={each === view}>
            {t(`nav.${each}`)}
          </PageLink>
        ))}
      </nav>
    </header>
  );
}
