import type { Config } from '../config';
import type { Session } from './session';

/** Opens the session that the configuration asks for; the unused kind is never downloaded. */
export async function openSession(config: Config): Promise<Session> {
  if (config.mode === 'local') {
    const { openLocalSession } = await import('./localSession');
    return openLocalSession();
  }
  const { openOidcSession } = await import('./oidcSession');
  return openOidcSession(config);
}
