import { session } from 'electron';
import { proxyIn } from './pac-answer.ts';

/** The system's own proxy settings, its auto-config file included, as Chromium reads them. */
export async function systemProxy(url: string): Promise<string | null> {
  return proxyIn(await session.defaultSession.resolveProxy(url));
}
