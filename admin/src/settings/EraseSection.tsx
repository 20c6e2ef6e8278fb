import { useApp } from '../app/AppContext';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';

/** The way to forget a shopper who asks for it. */
export function EraseSection() {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const openDialog = useDialogs();
  return (
    <section className="section setup" aria-labelledby="erase-title">
      <h2 id="erase-title" tabIndex={-1}>
        {t('erase.title')}
      </h2>
      <p className="muted">{t('erase.text')}</p>
      {!canWrite && <p className="muted">{t('settings.onlyWriters')}</p>}
      <div className="section-actions">
        <Button isDisabled={!canWrite} onPress={() => openDialog({ kind: 'erase' })}>
          {t('erase.action')}
        </Button>
      </div>
    </section>
  );
}
