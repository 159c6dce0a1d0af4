import { checksAgain, isConditional } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { NEVER } from '../never.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { saveUnchanged, type CollectionSave, type SaveItem } from './collection-client.ts';
import type { CollectionRow } from './collection-rows.ts';
import type { PartState } from './part-state.ts';
import { findMoved, noteKept, stampOf, whoChanged } from './keep-moved.ts';
import type { LoadRun } from './load-run.ts';
import type { ResultTools } from './take-results.ts';

interface KeepingCollections extends Pick<LoadRun, 'stop'> {
  readonly collections: Pick<OrgClient, 'json' | 'query'>;
  /** When the plan read its records, ms since the epoch by the org's clock. */
  readonly fetchedAt: number;
  readonly results: ResultTools;
}

/** What was said of each row, in their order: of those that are kept, and of those that were sent. */
export function together(
  rows: readonly CollectionRow[],
  kept: ReadonlyMap<number, string>,
  saved: readonly SaveItem[],
): SaveItem[] {
  const left = [...saved];
  return rows.flatMap(({ row }) => {
    const text = kept.get(row);
    return text === undefined ? left.splice(0, 1) : [{ success: false, errors: [], kept: text }];
  });
}

/**
 * Of an undo the rows whose records have changed since it was planned, as they are just before they would be written. Where the org itself sees to
 * that, it is not asked.
 */
export async function keptOf(
  run: KeepingCollections,
  part: PartState,
  rows: readonly CollectionRow[],
): Promise<Map<number, string>> {
  const planned = run.results.planned[part.of];
  if (!checksAgain(planned.mapping) || hasConditions(run, part)) return new Map();
  const again = { fetch: run.results.fetch, planned, fetchedAt: run.fetchedAt };
  const which = `p.row_number IN (${rows.map(({ row }) => row).join(', ')})`;
  const moved = await findMoved(again, which, run.stop);
  if (moved.length > 0) await noteKept(again, part.part, moved, run.stop, 'these');
  return new Map(moved.map(({ row, text }) => [row, text]));
}

/** Whether rows of a part go one by one, each on the condition that nobody has changed its record. */
export function hasConditions(run: KeepingCollections, part: PartState): boolean {
  const planned = run.results.planned[part.of];
  return isConditional(planned.mapping, part.rows) && fieldNamed(planned.describe, 'SystemModstamp') !== undefined;
}

/** Saves one row on the condition that nobody has changed its record; else it is kept. */
export async function sendUnchanged(
  run: KeepingCollections,
  part: PartState,
  save: CollectionSave,
  rows: readonly CollectionRow[],
): Promise<SaveItem[]> {
  const [one] = rows;
  if (!one || rows.length > 1) throw new Error('records are saved one by one on a condition');
  const again = { fetch: run.results.fetch, planned: run.results.planned[part.of] };
  const since = await stampOf(again, one.row, run.stop);
  const item = await saveUnchanged(run.collections, save, one.record, since, NEVER);
  return [
    item ?? {
      success: false,
      errors: [],
      kept: await whoChanged(run.collections, save.objectName, one.record, run.stop),
    },
  ];
}
