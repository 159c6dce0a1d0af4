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

function ended({ state, notices, counts }: LoadSnapshot): Pick<LoadStateText, 'word' | 'tone'> {
  if (state.kind === 'finished' && state.cancelled) return { word: 'Canceled', tone: 'warning' };
  if (notices.some(({ code }) => code === 'JOB_ENDED_EARLY')) return { word: 'Stopped early', tone: 'warning' };
  const { failed, incomplete, unknown } = counts;
  return failed + incomplete + unknown > 0
    ? { word: 'Finished with failures', tone: 'warning' }
    : { word: 'Finished', tone: 'create' };
}
