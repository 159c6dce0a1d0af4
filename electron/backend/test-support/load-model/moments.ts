import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Moment } from './sequence.ts';

/** Between two looks at a journal, ms. */
const LOOK_AGAIN = 2;

/** Waits for a moment of a load; false if it is over before that. */
export async function happens(moment: Moment, folder: string, over: AbortSignal): Promise<boolean> {
  if ('after' in moment) return passes(moment.after, over);
  for (;;) {
    const text = await readFile(join(folder, 'journal.jsonl'), 'utf8').catch(() => '');
    if (text.split(`"step":"${moment.step}"`).length - 1 >= moment.nth) return passes(moment.jitter, over);
    if (!(await passes(LOOK_AGAIN, over))) return false;
  }
}

async function passes(milliseconds: number, over: AbortSignal): Promise<boolean> {
  await sleep(milliseconds, undefined, { signal: over }).catch(() => undefined);
  return !over.aborted;
}
