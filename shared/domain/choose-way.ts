import { isConditional, mappedColumns, needsCollections, needsJobs, type FieldMapping } from './field-mapping.ts';
import { BATCH_ROWS } from './load-forecast.ts';
import type { ChosenWay, LoadWay, Sending } from './load-way.ts';

/**
 * "Jobs with fewer than 2,000 records should involve “bulkified” synchronous calls in REST (for example, Composite)" (Bulk API 2.0 and Bulk
 * API Developer Guide, "Introduction to Bulk API 2.0 and Bulk API"). They are ten requests.
 */
const JOB_ROWS = 2000;

type Sent = Pick<FieldMapping, 'objectName' | 'operation' | 'policies' | 'columns' | 'undoOf'>;

/** How a load of so many rows by this mapping goes, and why so. */
export function sendingOf(mapping: Sent, rows: number): Sending {
  const { operation, policies } = mapping;
  if (needsCollections(mapping)) return { way: 'collections', because: null };
  if (needsJobs(operation)) return { way: policies?.way === 'bulk-1' ? 'bulk-1' : 'bulk', because: null };
  const way = policies?.way ?? 'bulk';
  if (way !== 'automatic') return { way, because: null };
  // More than a batch of them would be worked on side by side.
  if (rows > BATCH_ROWS && locksGroups(mapping)) return { way: 'bulk-1', because: 'locks' };
  // A collection is one request: if its answer is lost, its rows are looked up by their key, and those of an insert have none.
  if (operation === 'insert') return { way: 'bulk', because: rows < JOB_ROWS ? 'no-key' : 'many-rows' };
  if (rows >= JOB_ROWS) return { way: 'bulk', because: 'many-rows' };
  // Those that go one by one are no collections.
  return { way: 'collections', because: isConditional(mapping, rows) ? null : 'few-rows' };
}

/** The way that a load of so many rows by this mapping goes. */
export function loadWay(mapping: Sent, rows: number): LoadWay {
  return sendingOf(mapping, rows).way;
}

/** What of a way that is chosen for new mappings holds for one; absent where it can go no such way, and for jobs of Bulk API 2.0. */
export function newWay(operation: FieldMapping['operation'], way: ChosenWay): ChosenWay | undefined {
  const isMisfit = operation === 'undelete' ? way === 'bulk-1' : needsJobs(operation) && way === 'collections';
  return isMisfit || way === 'bulk' ? undefined : way;
}

/** Objects whose records say who belongs to a group, a role, or a territory, and how these lie in one another. */
const GROUPS: ReadonlySet<string> = new Set(['userrole', 'groupmember', 'territory2', 'userterritory2association']);

/**
 * Whether saving these rows changes who belongs to a role, group, or territory. One lock is on all of that: "creating users", "updating user
 * roles", and "updating territory hierarchies" "are likely to cause lock contention" (Bulk API 2.0 and Bulk API Developer Guide, "Be Aware
 * of Operations that Increase Lock Contention with Bulk API 2.0"; Designing Record Access for Enterprise Scale, "Group Membership Locking"),
 * which no order of the rows avoids.
 */
function locksGroups(mapping: Sent): boolean {
  const object = mapping.objectName.toLowerCase();
  if (object !== 'user') return GROUPS.has(object);
  const setsRole = mappedColumns(mapping).some(({ target }) => target.field.toLowerCase() === 'userroleid');
  return setsRole || mapping.operation === 'insert' || mapping.operation === 'upsert';
}
