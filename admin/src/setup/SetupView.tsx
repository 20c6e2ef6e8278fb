import { LaterTexts } from '../i18n/LaterTexts';
import { useFormat } from '../i18n/useFormat';
import { useToast } from '../ui/Toasts';
import { StoreForm } from './StoreForm';

/** The first step of a new store: what the figures need to be counted on the right days. */
export default function SetupView() {
  return (
    <LaterTexts parts={['settings']}>
      <Setup />
    </LaterTexts>
  );
}

function Setup() {
  const { t } = useFormat();
  const toast = useToast();
  return (
    <section className="section setup" aria-labelledby="setup-title">
      <h2 id="setup-title">{t('setup.title')}</h2>
      <p className="muted">{t('setup.text')}</p>
      <StoreForm submitLabel={t('setup.save')} onSaved={() => toast({ kind: 'good', title: t('setup.saved') })} />
    </section>
  );
}
