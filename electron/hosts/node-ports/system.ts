import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, RandomSource } from '../../backend/ports.ts';
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

/** Node has no way to ask the system for its proxies: a terminal's are in its environment. */
export const noSystemProxy = (): Promise<null> => Promise.resolve(null);

/** `SF_ACCESS_TOKEN` and its instance, as the `sf` CLI reads them; for scripts and CI. Throws `LOGIN_URL_INVALID`. */
export function environmentSession(
  instanceUrl: string | undefined,
): { instanceUrl: string; accessToken: string } | null {
  const accessToken = process.env['SF_ACCESS_TOKEN'];
  const url = instanceUrl ?? process.env['SF_ORG_INSTANCE_URL'];
  if (!accessToken || !url) return null;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new FailureError({ code: 'LOGIN_URL_INVALID', value: url });
  return { instanceUrl: url, accessToken };
}
