import { ApiProblem } from '../api/problem';
import { useFormat } from '../i18n/useFormat';
import { Button } from './Button';
import { AlertIcon } from './icons';
import { useProblemText } from './useProblemText';

interface PanelErrorProps {
  error: Error;
  onRetry: () => void;
  /** The level of its heading: 2 right below a dialog's title. */
  level?: 2 | 3;
}

/** In place of a panel that could not be loaded; the other panels stay. */
export function PanelError({ error, onRetry, level = 3 }: PanelErrorProps) {
  const { t } = useFormat();
  const problemText = useProblemText();
  const Title = `h${level}` as const;
  const requestId = error instanceof ApiProblem ? error.requestId : undefined;
  return (
    <div className="panel-note" role="alert">
      <AlertIcon size={24} />
      <Title className="subtitle">{t('error.panel')}</Title>
      <p className="muted">
        {error instanceof ApiProblem && !error.retryable ? problemText(error) : t('error.panelText')}
      </p>
      {requestId && <p className="muted small">{t('error.request', { id: requestId })}</p>}
      <Button onPress={onRetry}>{t('error.retry')}</Button>
    </div>
  );
}
