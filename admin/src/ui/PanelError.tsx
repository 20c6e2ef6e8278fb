import { ApiProblem } from '../api/problem';
import { useFormat } from '../i18n/useFormat';
import { Button } from './Button';
import { AlertIcon } from './icons';
import { useProblemText } from './useProblemText';

interface PanelErrorProps {
  error: Error;
  onRetry: () => void;
}

/** In place of a panel that could not be loaded; the other panels stay. */
export function PanelError({ error, onRetry }: PanelErrorProps) {
  const { t } = useFormat();
  const problemText = useProblemText();
  const requestId = error instanceof ApiProblem ? error.requestId : undefined;
  return (
    <div className="panel-note" role="alert">
      <AlertIcon size={24} />
      <h3>{t('error.panel')}</h3>
      <p className="muted">{error instanceof ApiProblem && !error.retryable ? problemText(error) : t('error.panelText')}</p>
      {requestId && <p className="muted small">{t('error.request', { id: requestId })}</p>}
      <Button onPress={onRetry}>{t('error.retry')}</Button>
    </div>
  );
}
