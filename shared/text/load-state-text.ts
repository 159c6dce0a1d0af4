import { loadProgress } from '../domain/load-progress.ts';
import type { LoadSnapshot } from '../domain/load-results.ts';
import { loadedGroups } from '../domain/row-groups.ts';
import { number } from './counts.ts';
import { groupTexts } from './row-group-text.ts';

/** How a load stands, for lists of loads. */
export interface LoadStateText {
  readonly word: string;
  /** The rows that Salesforce was not given, or how far it is; empty where there is nothing to say. */
  readonly detail: string;
  /** What became of the other rows. */
  readonly rows: string;
  readonly tone: 'create' | 'update' | 'warning' | 'unchanged';
}

export function loadStateText(load: LoadSnapshot): LoadStateText {
  const { unchanged, toCome, notSent, unprocessed, ...told } = loadedGroups(load);
  const done = groupTexts(told).join(', ') || groupTexts(toCome > 0 ? { toCome } : { unchanged }).join('');
  const held = groupTexts({ unprocessed, notSent }).join(', ');
  const rows = [done, held].filter((text) => text !== '').join(', ');
  const { processed, toProcess } = loadProgress(load);
  const sofar = `${number(processed)} of ${number(toProcess)}`;
  switch (load.state.kind) {
    case 'running':
      return { word: 'Running', detail: sofar, rows, tone: 'update' };
    case 'cancelling':
      return { word: 'Stopping', detail: sofar, rows, tone: 'warning' };
    case 'paused':
      return { word: 'Paused', detail: sofar, rows, tone: 'warning' };
    case 'finished':
      return { ...ended(load), detail: held, rows: done };
  }
}

/** A load that ended otherwise than by coming to each of its rows, in a word; null for the others. */
export function cutShortText({ state, notices, counts }: LoadSnapshot): 'Canceled' | 'Stopped early' | null {
  if (state.kind !== 'finished') return null;
  if (notices.some(({ code }) => code === 'STOPPED_BY_FAILURES')) return 'Stopped early';
  if (state.cancelled) return 'Canceled';
  // A second step that was tried again after a cancel has ended by itself: rows of the first were not come to all the same.
  return counts.unprocessed > 0 || notices.some(({ code }) => code === 'JOB_ENDED_EARLY') ? 'Stopped early' : null;
}

function ended(load: LoadSnapshot): Pick<LoadStateText, 'word' | 'tone'> {
  const cutShort = cutShortText(load);
  if (cutShort !== null) return { word: cutShort, tone: 'warning' };
  const { failed, incomplete, unknown } = load.counts;
  return failed + incomplete + unknown > 0
    ? { word: 'Finished with failures', tone: 'warning' }
    : { word: 'Finished', tone: 'create' };
}
