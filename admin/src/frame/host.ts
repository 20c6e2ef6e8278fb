/** Whether the page stands in a frame of another page, as in the VTEX Admin. */
export const isFramed = (): boolean => window.parent !== window;

/**
 * The origin of the page around this one; nothing where the browser tells it by neither way. Who may frame the page
 * is the content security policy's business (`frame-ancestors`); what is said goes to exactly this origin.
 */
export function hostOrigin(): string | undefined {
  if (!isFramed()) return undefined;
  const { ancestorOrigins } = window.location as { ancestorOrigins?: DOMStringList };
  const origin = ancestorOrigins?.[0] ?? originOf(document.referrer);
  // A sandboxed host has none ("null").
  return origin && URL.canParse(origin) ? origin : undefined;
}

const originOf = (address: string): string | undefined => (URL.canParse(address) ? new URL(address).origin : undefined);

/** What host and page say to each other. No message holds anything of a store. */
type ToHost = { type: 'campaigns:height'; height: number };
type FromHost = { type: 'campaigns:locale'; locale: string };

/** Tells the host how high the page is, whenever that changes, so that its frame can be as high. */
export function tellHeight(root: HTMLElement): void {
  const host = hostOrigin();
  if (!host) return;
  let told = 0;
  const observer = new ResizeObserver(() => {
    const height = Math.ceil(root.getBoundingClientRect().height);
    if (height === told || height === 0) return;
    told = height;
    window.parent.postMessage({ type: 'campaigns:height', height } satisfies ToHost, host);
  });
  observer.observe(root);
}

/** Hears from the host which language its reader chose. */
export function onHostLocale(follow: (locale: string) => void): void {
  const host = hostOrigin();
  if (!host) return;
  window.addEventListener('message', ({ source, origin, data }: MessageEvent<Partial<FromHost> | null>) => {
    if (source !== window.parent || origin !== host) return;
    if (data?.type === 'campaigns:locale' && typeof data.locale === 'string') follow(data.locale);
  });
}
