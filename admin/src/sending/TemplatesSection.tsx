import { useState } from 'react';
import { LANGUAGES, type Language } from '../api/types';
import { useApp } from '../app/AppContext';
import { useFormat } from '../i18n/useFormat';
import { Button } from '../ui/Button';
import { FormError } from '../ui/FormError';
import { PanelError } from '../ui/PanelError';
import { SectionHead } from '../ui/SectionHead';
import { SelectField } from '../ui/SelectField';
import { Skeleton } from '../ui/Skeleton';
import { useMakeTemplate, useTemplates } from './api';
import { PhonePreview } from './PhonePreview';
import { useSendingProblem } from './problems';
import type { Template } from './types';

/** The messages, as the phone shows them, and what Meta says of them. */
export function TemplatesSection({ connected }: { connected: boolean }) {
  const { t, language: spoken } = useFormat();
  const templates = useTemplates();
  const [language, setLanguage] = useState<Language>(spoken);
  const [dark, setDark] = useState(false);
  const shown = templates.data?.filter((each) => each.language === language);
  return (
    <section className="section" aria-labelledby="templates-title">
      <SectionHead
        id="templates-title"
        title={t('sending.templates')}
        text={t(connected ? 'sending.templatesText' : 'sending.templatesUnconnected')}
      >
        <div className="template-tools">
          <SelectField
            label={t('campaigns.language')}
            choices={LANGUAGES.map((id) => ({ id, label: t(`language.${id}`) }))}
            value={language}
            onChange={setLanguage}
          />
          <div className="segments" role="group" aria-label={t('sending.previewAs')}>
            {[false, true].map((each) => (
              <button
                key={String(each)}
                type="button"
                className="segment"
                aria-pressed={dark === each}
                onClick={() => setDark(each)}
              >
                {t(each ? 'sending.dark' : 'sending.light')}
              </button>
            ))}
          </div>
        </div>
      </SectionHead>
      {templates.isError && !templates.data ? (
        <div className="card">
          <PanelError error={templates.error} onRetry={() => void templates.refetch()} />
        </div>
      ) : !shown ? (
        <Skeleton height={360} />
      ) : (
        <div className="templates">
          {shown.map((template) => (
            <TemplateCard key={template.messageType} template={template} dark={dark} connected={connected} />
          ))}
        </div>
      )}
    </section>
  );
}

const KINDS = { approved: 'good', pending: 'warn', paused: 'warn', rejected: 'bad', disabled: 'bad', missing: '' };

function TemplateCard({ template, dark, connected }: { template: Template; dark: boolean; connected: boolean }) {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const make = useMakeTemplate();
  const problem = useSendingProblem();
  const { language, messageType, state } = template;
  const title = t(`messageType.${messageType}`);
  return (
    <article className="card template" aria-label={title} data-template={messageType}>
      <header className="template-head">
        <h3>{title}</h3>
        <span className={`tag ${KINDS[state]}`}>{t(`sending.state.${state}`)}</span>
      </header>
      <PhonePreview preview={template.preview} dark={dark} />
      <p className="muted small" aria-live="polite">
        {t(`sending.stateText.${state}`)}
        {template.why && ` ${t('sending.why', { why: template.why })}`}
        {template.quality && ` ${t('sending.quality', { quality: template.quality })}`}
        {template.category && template.category !== 'MARKETING' && ` ${t('sending.category')}`}
      </p>
      <FormError error={make.error} text={make.error ? problem(make.error) : undefined} />
      <div>
        <Button
          isDisabled={!canWrite || !connected}
          isBusy={make.isPending}
          onPress={() => make.mutate({ language, messageType })}
        >
          {t(state === 'missing' ? 'sending.make' : 'sending.readAgain')}
        </Button>
      </div>
    </article>
  );
}
