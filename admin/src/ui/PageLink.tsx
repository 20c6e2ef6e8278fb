import type { MouseEvent, ReactNode } from 'react';
import { goTo, useSearch, writeUrl, type UrlState } from '../period/urlState';

interface PageLinkProps {
  /** What of the page's state it changes. */
  to: Partial<UrlState>;
  /** The id of the heading that it leads to. Of another view, that view gives it the focus (`useArrival`). */
  heading?: string;
  className?: string;
  isCurrent?: boolean;
  label?: string;
  children: ReactNode;
}

/** A link to another state of the page: an address that can be copied and opened beside, and no new load when it is followed here. */
export function PageLink({ to, heading, className, isCurrent = false, label, children }: PageLinkProps) {
  const search = useSearch();
  const onClick = (event: MouseEvent): void => {
    // A new tab or window is the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    goTo(to, heading);
    if (heading) document.getElementById(heading)?.focus();
  };
  return (
    <a
      href={`/${writeUrl(search, to)}${heading ? `#${heading}` : ''}`}
      className={className}
      aria-label={label}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={onClick}
    >
      {children}
    </a>
  );
}
