import electronLog from 'electron-log/node.js';
import { appendFileSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { inspect } from 'node:util';
import type { Log } from '../../backend/ports.ts';
import type { HostNotices } from './host-notices.ts';

/** Access tokens, refresh tokens, bearer headers and OAuth parameters: whatever a message carries, these never reach a log. */
const SECRETS =
  /00D[A-Za-z0-9]{12,15}![\w.~+/-]+=*|5Aep861[\w.~+/-]+=*|(?<=Bearer )\S+|(?<=[?&](?:code|access_token|refresh_token|code_verifier|client_secret|password|assertion)=)[^&\s"]+/g;

function redact(text: string): string {
  return text.replace(SECRETS, '[secret]');
}

/** Size at which a log becomes `longshore.old.log` and a new one begins. */
const MAX_BYTES = 2 * 1024 * 1024;

/**
 * One rotating log file in the data folder, or, where that can't be written, in a temporary folder of its own; nothing on
 * the terminal, which belongs to the host. Errors are logged whole, with their causes and facts.
 */
export function openLog(folder: string, notices: HostNotices): Log {
  const path = writablePath(folder, notices);
  const log = electronLog.create({ logId: 'longshore' });
  log.transports.console.level = false;
  if (path === null) {
    log.transports.file.level = false;
  } else {
    // Without a name electron-log looks for a package.json around the current folder, and throws where there is none.
    log.transports.file.setAppName('longshore');
    log.transports.file.resolvePathFn = () => path;
    log.transports.file.maxSize = MAX_BYTES;
    log.transports.file.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' };
    log.transports.file
      .getFile()
      .on('error', (error) => notices.say({ code: 'LOG_NOT_WRITTEN', reason: codeOf(error) }));
  }
  const facts = (given?: Record<string, unknown>) => (given ? ` ${JSON.stringify(given)}` : '');
  return {
    place: path === null ? '' : shown(path),
    info: (message, given) => log.info(redact(message + facts(given))),
    error: (message, error, given) => log.error(redact(`${message}${facts(given)}\n${inspect(error, { depth: 6 })}`)),
  };
}

function writablePath(folder: string, notices: HostNotices): string | null {
  let refused = '';
  for (const place of [() => folder, () => mkdtempSync(join(tmpdir(), 'longshore-'))]) {
    try {
      const path = join(place(), 'longshore.log');
      appendFileSync(path, '', { mode: 0o600 });
      if (refused !== '') notices.say({ code: 'LOG_ELSEWHERE', place: shown(path), reason: refused });
      return path;
    } catch (error) {
      refused ||= codeOf(error);
    }
  }
  notices.say({ code: 'LOG_NOT_WRITTEN', reason: refused });
  return null;
}

/** A path as it may be shown and sent to others: without the person's name in it. */
export function shown(path: string): string {
  const home = homedir();
  return path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}

/** The path behind one that is `shown`. */
export function pathOf(place: string): string {
  return place.startsWith(`~${sep}`) ? homedir() + place.slice(1) : place;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  // electron-log gives the system's message only: "Couldn't write to …. ENOSPC: no space left on device, write"
  return error instanceof Error ? (/\b(E[A-Z]{2,}): /.exec(error.message)?.[1] ?? error.name) : String(error);
}
