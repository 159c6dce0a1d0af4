import type { WayReason } from '../domain/load-way.ts';
import { COLLECTION_ROWS } from '../domain/rehearsal.ts';
import { plural } from './counts.ts';

/** The way that Longshore chose for so many rows, and why so, in a sentence. */
export function becauseText(because: WayReason, rows: number): string {
  const requests = Math.ceil(rows / COLLECTION_ROWS);
  switch (because) {
    case 'few-rows':
      return `Sent in ${requests === 1 ? 'one request' : `${requests} requests`}, because it is only ${plural(rows, 'row')}: results come at once.`;
    case 'many-rows':
      return `Sent by Bulk API jobs, because it is ${plural(rows, 'row')}: that takes fewer calls.`;
    case 'no-key':
      return 'Sent by Bulk API jobs, because new records have no key yet: if an answer to a request were lost, nobody could tell which of its rows were saved.';
    case 'locks':
      return 'Sent by Bulk API 1.0 jobs in Serial mode, one batch after another, because batches that change users, roles, groups, or territories at the same time lock each other out.';
  }
}
