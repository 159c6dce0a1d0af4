import { Failure } from '../contract/failure.ts';
import type { LoadSnapshot } from '../domain/load-results.ts';
import { changedRecords, rowsInFile } from '../domain/row-groups.ts';
import { plural } from './counts.ts';
import { failureText } from './failure-text.ts';
import { cutShortText } from './load-state-text.ts';

/** What a desktop says outside the window: in a notification, a question or its menu. */
export interface DeskText {
  readonly title: string;
  readonly body: string;
}

/** A load that has just stopped: finished, cancelled or paused. */
export function loadEndText(load: LoadSnapshot): DeskText {
  const { state, counts, fileName, objectLabel, orgName } = load;
  if (state.kind === 'paused') {
    // Written by another version it may be a failure that this one does not know.
    const failure = Failure.safeParse(state.failure);
    const why = failure.success ? `${failureText(failure.data).title} ` : '';
    return { title: `The load of ${fileName} is paused`, body: `${why}No row is lost, and no row is sent twice.` };
  }
  const changed = changedRecords(counts);
  const toFix = rowsInFile(counts, 'error');
  const cutShort = cutShortText(load);
  const how = cutShort === 'Canceled' ? 'was canceled' : 'stopped early';
  const rest = toFix > 0 ? `; ${plural(toFix, 'row')} to check` : '';
  return {
    title: cutShort === null ? `${fileName} is loaded` : `The load of ${fileName} ${how}`,
    body: `${plural(changed, 'record')} changed in ${objectLabel} in ${orgName}${rest}.`,
  };
}

/** Asked before Longshore ends while loads run. */
export function quitQuestion(running: number): DeskText & { readonly keep: string; readonly quit: string } {
  const one = running === 1;
  return {
    title: one ? 'A load is running.' : `${plural(running, 'load')} are running.`,
    body: `If you quit, ${one ? 'it is' : 'they are'} paused. You can resume when you open Longshore again. No row is lost, and no row is sent twice.`,
    keep: 'Keep Loading',
    quit: 'Quit and Resume Later',
  };
}
