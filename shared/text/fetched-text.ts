import type { FetchedRecords, FetchWay } from '../domain/fetched-records.ts';
import { plural } from './counts.ts';

const BY: Record<FetchWay, string> = {
  none: '',
  'key-lists': 'by lists of keys',
  collections: 'by their Ids',
  'key-jobs': 'by Bulk query of the keys',
  object: 'by Bulk query of the object',
};

const MINUTE = 60_000;

/** How a plan's records were fetched, and how old they are by now; `time` is when, as it is shown. null where none were asked for. */
export function fetchedText(fetched: FetchedRecords | null, time: string, now: number): string | null {
  if (fetched === null || fetched.way === 'none') return null;
  const { way, records, apiCalls, at, resumed, reused } = fetched;
  const age = Math.max(0, Math.floor((now - at) / MINUTE));
  const ago = age === 0 ? 'less than a minute ago' : `${plural(age, 'minute')} ago`;
  return [
    `Fetched ${plural(records, 'record')} ${BY[way]}, ${plural(apiCalls, 'API call')}, at ${time}.`,
    ...(resumed ? ['It had broken off and was continued.'] : []),
    ...(reused ? [`Used again from ${ago}.`] : []),
  ].join(' ');
}
