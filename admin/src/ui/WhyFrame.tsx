import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { isProblem } from '../api/problem';
import { useFormat } from '../i18n/useFormat';
import { Button } from './Button';
import { DialogBody, DialogFoot, ModalDialog } from './ModalDialog';
import { PanelError } from './PanelError';
import { Skeleton } from './Skeleton';
import { useCopy } from './useCopy';

interface WhyFrameProps<T> {
  title: string;
  /** What is explained. */
  query: UseQueryResult<T>;
  /** The problem that says that there is none of it, and what is said then. */
  unknown: { code: string; title: string; text: string };
  /** The height of the place that is kept for it. */
  height: number;
  children: (explained: T) => ReactNode;
  onClose: () => void;
}

/** A dialog that explains something at an address that can be sent on. */
export function WhyFrame<T>({ title, query, unknown, height, children, onClose }: WhyFrameProps<T>) {
  const { t } = useFormat();
  const copy = useCopy();
  const isUnknown = isProblem(query.error, unknown.code);
  return (
    <ModalDialog title={title} onClose={onClose}>
      <DialogBody>
        {isUnknown ? (
          <>
            <p>{unknown.title}</p>
            <p className="muted">{unknown.text}</p>
          </>
        ) : query.isError && !query.data ? (
          <PanelError level={2} error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data ? (
          children(query.data)
        ) : (
          <Skeleton height={height} />
        )}
      </DialogBody>
      <DialogFoot>
        {!isUnknown && <Button onPress={() => void copy(window.location.href)}>{t('why.copyLink')}</Button>}
        <Button onPress={onClose} autoFocus>
          {t('action.close')}
        </Button>
      </DialogFoot>
    </ModalDialog>
  );
}
