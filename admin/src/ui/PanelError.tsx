import { ApiProblem, isProblem } from '../api/problem';
import { useFormat } from '../i18n/useFormat';
import { goTo } from '../period/urlState';
import { Button } from './Button';
import { AlertIcon } from './icons';
import { useProblemText } from './useProblemText';

interface PanelErrorProps {
  error: Error;
  onRetry: () => void;
  /** The level of its heading: 2 right below a dialog's title. */
  level?: 2 | 3;
}

/** In place of a panel that could not be loaded; the other panels stay. Trying again is offered where it can help. */
export function PanelError({ error, onRetry, level = 3 }: PanelErrorProps) {
  const { t } = useFormat();
  const problemText = useProblemText();
  const Title = `h${level}` as const;
  const requestId = error instanceof ApiProblem ? error.requestId : undefined;
  const unknownCampaign = isProblem(error, 'campaign-not-found');
  const final = error instanceof ApiProblem && !error.retryable;
  const text = unknownCampaign ? t('error.noCampaignText') : final ? problemText(error) : t('error.panelText');
  return (
    <div className="panel-note" role="alert">
      <AlertIcon size={24} />
      <Title className="subtitle">{t(unknownCampaign ? 'error.noCampaign' : 'error.panel')}</Title>
      <p className="muted">{text}</p>
      {requestId && <p className="muted small">{t('error.request', { id: requestId })}</p>}
      {unknownCampaign ? (
        <Button onPress={() => goTo({ campaignId: undefined })}>{t('analytics.clearCampaign')}</Button>
      ) : (
        (!final || error.status === 429) && <Button onPress={onRetry}>{t('error.retry')}</Button>
      )}
    </div>
  );
}
