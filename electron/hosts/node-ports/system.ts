import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import electronLog from 'electron-log/node.js';
import envPaths from 'env-paths';
import { join } from 'node:path';
import type { Clock, Log, RandomSource } from '../../backend/ports.ts';
import { FailureError } from '../../../shared/contract/failure.ts';

export const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
  sleep: async (milliseconds, signal) => {
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch {
      throw new FailureError({ code: 'CANCELLED' });
    }
  },
};

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

export const random: RandomSource = {
  token: (length) => Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join(''),
};

/** Access tokens, refresh tokens, bearer headers and OAuth parameters: whatever a message carries, these never reach a log. */
const SECRETS =
  /00D[A-Za-z0-9]{12,15}![\w.~+/-]+=*|5Aep861[\w.~+/-]+=*|(?<=Bearer )\S+|(?<=[?&](?:code|access_token|refresh_token|code_verifier)=)[^&\s"]+/g;

export function redact(text: string): string {
  return text.replace(SECRETS, '[secret]');
}

/** One rotating log file in the data folder; nothing on the terminal, which belongs to the host. */
export function fileLog(folder: string): Log {
  const log = electronLog.create({ logId: 'longshore' });
  log.transports.console.level = false;
  log.transports.file.resolvePathFn = () => join(folder, 'longshore.log');
  log.transports.file.maxSize = 2 * 1024 * 1024;
  const say = (facts?: Record<string, unknown>) => (facts ? ` ${redact(JSON.stringify(facts))}` : '');
  return {
    info: (message, facts) => log.info(redact(message) + say(facts)),
    error: (message, error, facts) => {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log.error(`${redact(message)}${say(facts)}\n${redact(detail)}`);
    },
  };
}

export function dataFolder(): string {
  return process.env['LONGSHORE_DATA'] ?? envPaths('Longshore', { suffix: '' }).data;
}

/** `SF_ACCESS_TOKEN` and its instance, as the `sf` CLI reads them; for scripts and CI. */
export function environmentSession(
  instanceUrl: string | undefined,
): { instanceUrl: string; accessToken: string } | null {
  const accessToken = process.env['SF_ACCESS_TOKEN'];
  const url = instanceUrl ?? process.env['SF_ORG_INSTANCE_URL'];
  return accessToken && url ? { instanceUrl: url, accessToken } : null;
}
