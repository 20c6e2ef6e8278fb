import type { Config } from '../config';
import { openLocalSession } from './localSession';
import { openOidcSession } from './oidcSession';
import type { Session } from './session';

/** Opens the session that the configuration asks for. Both kinds are small: a file of their own would only be a wait. */
export function openSession(config: Config): Promise<Session> {
  return config.mode === 'local' ? openLocalSession() : openOidcSession(config);
}
