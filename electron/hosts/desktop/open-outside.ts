import { shell } from 'electron';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Whether an address may be handed to the system, which would start whatever program claims its scheme (Electron's "Security", 15): a
 * page of the web by https, or one of this computer, as a practice org's.
 */
export function isOutsidePage(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
  return parsed.protocol === 'https:' || (parsed.protocol === 'http:' && LOOPBACK.has(parsed.hostname));
}

/** Opens a page in the person's own browser. Throws for what is no page: only a bug would ask for that. */
export async function openOutside(url: string): Promise<void> {
  if (!isOutsidePage(url)) throw new Error('an address that is no page of the web was to be opened');
  await shell.openExternal(url);
}
