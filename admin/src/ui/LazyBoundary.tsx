import { Component, useEffect, type ReactNode } from 'react';
import { useFormat } from '../i18n/useFormat';
import { useToast } from './Toasts';

interface LazyBoundaryProps {
  children: ReactNode;
  /** Told when a part could not be loaded (offline, or a newer build replaced it). */
  onFailed: () => void;
}

/** Catches a part of the page that could not be loaded; the rest goes on. */
export class LazyBoundary extends Component<LazyBoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <FailedNotice onFailed={this.props.onFailed} /> : this.props.children;
  }
}

function FailedNotice({ onFailed }: { onFailed: () => void }) {
  const { t } = useFormat();
  const toast = useToast();
  useEffect(() => {
    // A browser may remember that a file was not to be had: only a new page asks for it again.
    const action = { label: t('app.reload'), onPress: () => window.location.reload() };
    toast({ kind: 'bad', title: t('error.network'), action });
    onFailed();
    // Once, when the failure is first shown.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return null;
}
