import type { FoundTarget, MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { foldKeySql } from '../match/match-sql.ts';
import { fetchCurrentRecords, type FetchRequest, type FetchTools } from '../plan/fetch-current-records.ts';
import { soqlText } from '../plan/record-request.ts';
import { createTable, FOUND, orgCanonical, tablesOf } from '../tables/tables.ts';
import { ruleField, secondField } from '../validation/rule-field.ts';

export type FoundColumn = MappedColumn & { target: FoundTarget };

export function isFound(column: MappedColumn): column is FoundColumn {
  return column.target.kind === 'found';
}

/** Where parents are looked for, and where what is found lies. */
export interface ParentSearch {
  readonly column: FoundColumn;
  readonly describe: SObjectDescribe;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
  /** The database, and the names of the tables in it for the records and for what they come to. */
  readonly alias: string;
  readonly records: string;
  readonly found: string;
  /** Where pages lie on their way. */
  readonly folder: string;
}

/** Places of what is read of a parent besides its key, as `recordShape` counts columns. */
const [SECOND, ACTIVE, CREATED] = [0, 1, 2];

/** A field that leads to another record, and the object that is of. */
type LedTo = Pick<FoundTarget, 'field' | 'parentObject'>;

/** Who owns a record is looked for among users, or among the queues that take records of its object. */
export function isQueue({ field, parentObject }: LedTo): boolean {
  return parentObject === 'Group' && field === 'OwnerId';
}

/**
 * What parents must fulfil besides. A record type must be an active one of the object ("SobjectType", "IsActive": Object Reference,
 * "RecordType"); a group that owns records is a queue that is set up for the object (Object Reference, "Group" and "QueueSobject";
 * semi-join: SOQL and SOSL Reference, "Comparison Operators").
 */
function parentCondition(target: FoundTarget, { name }: Pick<SObjectDescribe, 'name'>): string | null {
  if (target.parentObject === 'RecordType') return `${ofObject(target, name) ?? ''} AND IsActive = true`;
  return ofObject(target, name);
}

/** Of which object record types are, and queues may own records, where a field leads to one. */
export function ofObject(led: LedTo, name: string): string | null {
  if (led.parentObject === 'RecordType') return `SobjectType = ${soqlText(name)}`;
  if (!isQueue(led)) return null;
  return `Type = 'Queue' AND Id IN (SELECT QueueId FROM QueueSobject WHERE SobjectType = ${soqlText(name)})`;
}

/** The field that tells users who may still sign in from those who may not. Other parents are never inactive. */
function activeField(parent: SObjectDescribe | undefined): FieldDescribe | undefined {
  return parent?.name === 'User' ? fieldNamed(parent, 'IsActive') : undefined;
}

function parentRequest({ column, describe, parents, alias, records, folder }: ParentSearch): FetchRequest {
  const { target } = column;
  const parent = parents.get(target.parentObject.toLowerCase());
  const read = [
    [SECOND, secondField(column, parents)],
    [ACTIVE, activeField(parent)],
    [CREATED, target.whenSeveral === 'oldest' && parent ? fieldNamed(parent, 'CreatedDate') : undefined],
  ] as const;
  return {
    alias,
    table: records,
    folder,
    objectName: target.parentObject,
    keyField: ruleField(column, describe, parents),
    columns: read.flatMap(([place, field]) => (field ? [{ column: place, path: field.name, field }] : [])),
    stamp: null,
    wantsDeleted: false,
    condition: parentCondition(target, describe),
  };
}

/**
 * Asks the org for the parents that keys may mean (`keysSql` gives canonical keys as `k`) and leaves in the table `found` what each
 * key, or pair of them, comes to (`FOUND`). Of users with one key those who are active are meant; the oldest is the one made
 * first, and of those made at once the one with the lowest id.
 */
export async function findParents(
  tools: FetchTools,
  search: ParentSearch,
  keysSql: string,
  signal: AbortSignal,
): Promise<void> {
  const request = parentRequest(search);
  await fetchCurrentRecords(tools, request, keysSql, signal, () => undefined);
  const { named } = tablesOf(search.alias);
  const has = (place: number) => request.columns.some(({ column }) => column === place);
  const pair = secondField(search.column, search.parents);
  const w = pair ? foldKeySql(orgCanonical(SECOND), pair) : "''";
  const active = has(ACTIVE) ? `${orgCanonical(ACTIVE)} = 'true'` : 'true';
  const age = has(CREATED) ? `${orgCanonical(CREATED)} || ' ' || id` : 'id';
  // Nearly every key names one record. Only of those that name several is worked out which is meant: for a million keys a third of the time.
  const [found, several] = [named(search.found), named(`${search.found}_several`)];
  const records = `(SELECT id, k, ${w} AS w, ${active} AS active, ${age} AS age FROM ${named(search.records)})`;
  await tools.staging.until(signal).run(
    `${createTable(found, FOUND)};
     CREATE OR REPLACE TABLE ${several} AS SELECT k, w FROM ${records} GROUP BY ALL HAVING count(*) > 1;
     INSERT INTO ${found} SELECT k, w, id, 1, active FROM ${records} ANTI JOIN ${several} USING (k, w);
     INSERT INTO ${found}
     SELECT k, w, CASE WHEN any_active THEN active_id ELSE any_id END, CASE WHEN any_active THEN actives ELSE n END, any_active FROM (
       SELECT k, w, bool_or(active) AS any_active, count(*) AS n, count(*) FILTER (active) AS actives,
         arg_min(id, age) AS any_id, arg_min(id, age) FILTER (active) AS active_id FROM ${records} SEMI JOIN ${several} USING (k, w) GROUP BY 1, 2);
     DROP TABLE ${several}`,
  );
}

/** SQL that joins what was found, as `f`, to rows with a key and the second value, both canonical. */
export function joinFound(
  { column, describe, parents }: Pick<ParentSearch, 'column' | 'describe' | 'parents'>,
  found: string,
  row: { readonly key: string; readonly second: string },
): string {
  const pair = secondField(column, parents);
  const w = pair ? foldKeySql(row.second, pair) : "''";
  return `LEFT JOIN ${found} f ON f.k = ${foldKeySql(row.key, ruleField(column, describe, parents))} AND f.w = ${w}`;
}

/** SQL over a joined row of `FOUND`: which policy applies, `none`, `several` or `inactive`; null where one usable record is meant. */
export function verdictSql({ whenInactive }: FoundTarget): string {
  const meant = whenInactive === 'use' ? 'true' : 'f.active';
  return `CASE WHEN f.k IS NULL THEN 'none' WHEN f.n > 1 AND ${meant} THEN 'several' WHEN NOT f.active THEN 'inactive' END`;
}

/** What a row is not sent for. */
export function keptHome({ whenNone, whenSeveral, whenInactive }: FoundTarget): ('none' | 'several' | 'inactive')[] {
  return [
    ...(whenNone === 'home' ? (['none'] as const) : []),
    ...(whenSeveral === 'home' ? (['several'] as const) : []),
    ...(whenInactive === 'home' ? (['inactive'] as const) : []),
  ];
}
