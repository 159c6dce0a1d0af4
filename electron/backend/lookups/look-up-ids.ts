import {
  idPoliciesOf,
  matchColumn,
  sentColumns,
  type IdPolicies,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import type { PlannedLookup } from '../../../shared/domain/planned-lookup.ts';
import { fieldNamed, type FieldDescribe } from '../../../shared/domain/sobject.ts';
import type { Referenced } from '../mapping/parent-describes.ts';
import { dropFetched, fetchCurrentRecords, type FetchTools } from '../plan/fetch-current-records.ts';
import { keptColumns } from '../plan/leave-alone.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import { quoteText } from '../tables/quote.ts';
import { canonical, orgCanonical, sent, tablesOf } from '../tables/tables.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { writeMapped } from '../validation/mapped-view.ts';
import { CountedCalls } from './counted-calls.ts';
import { ACTIVE, askedObjects, idRequest, MASTER_RECORD_TYPE, mustBeActive, namedWord } from './id-request.ts';
import { blockWithout } from './resolve-lookups.ts';

/** A column that holds Ids of other records. */
interface IdColumn {
  readonly column: MappedColumn;
  readonly field: FieldDescribe;
  readonly policies: IdPolicies;
}

function idColumns({ mapping, describe }: PlanInput): IdColumn[] {
  const key = matchColumn(mapping);
  return sentColumns(mapping).flatMap((column): IdColumn[] => {
    const { target } = column;
    const field = fieldNamed(describe, target.field);
    if (target.kind !== 'field' || field?.type !== 'reference' || column === key) return [];
    const policies = idPoliciesOf(target);
    return policies.whenNone === 'unasked' ? [] : [{ column, field, policies }];
  });
}

/**
 * Looks up the records that columns of Ids name, each Id once, and keeps the rows home that Salesforce would refuse for them: what is
 * deleted, not there, or out of this user's sight (INVALID_CROSS_REFERENCE_KEY, INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY), and
 * owners who are inactive (INACTIVE_OWNER_OR_USER; SOAP API guide, "StatusCode"). An Id that the record has already changes nothing
 * and is not asked about, nor are Ids of objects that this user can't query, for nothing is known of them. `row_match` and
 * `current_record` are there already.
 */
export async function lookUpIds(
  tools: FetchTools,
  input: PlanInput,
  signal: AbortSignal,
  progress: (records: number) => void,
): Promise<PlannedLookup[]> {
  const columns = idColumns(input);
  const staging = tools.staging.until(signal);
  // A row that one column keeps home is asked about in the others as well.
  for (const one of columns) await noteAsked(staging, input, one);
  const lookups: PlannedLookup[] = [];
  for (const one of columns) {
    for (const object of askedObjects(one.field, input.referenced)) {
      const lookup = await lookUpObject(tools, input, one, object, signal, progress);
      if (lookup) lookups.push(lookup);
    }
    await staging.run(`DROP TABLE ${asked(input, one)}`);
  }
  if (input.mapping.operation === 'insert')
    await blockWithout(
      staging,
      input,
      columns.map(({ column }) => column),
    );
  return lookups;
}

function asked({ planId }: PlanInput, { column }: IdColumn): string {
  return tablesOf(planId).named(`asked_${column.column}`);
}

/** Leaves in `asked_<n>` the rows whose Id would be new to their record, with that Id. */
async function noteAsked(staging: StagingSql, input: PlanInput, one: IdColumn): Promise<void> {
  const { planId, mapping } = input;
  const { mapped, rowMatch, currentRecord, rowIssue } = tablesOf(planId);
  const n = one.column.column;
  const key = matchColumn(mapping);
  const id = `m.${canonical(n)}`;
  const isValue = `${id} NOT IN ('', ${quoteText(MASTER_RECORD_TYPE)})`;
  // Of rows that are not sent anyway no record was fetched: whether they would change anything is not known.
  const closed = key
    ? `SELECT row_number FROM ${rowIssue}`
    : `SELECT row_number FROM ${rowIssue} WHERE source_column = ${n}`;
  // A value that the record keeps is not sent.
  const isKept = keptColumns(mapping).some(({ column }) => column === n);
  const changes = key ? `AND coalesce(c.now, '') ${isKept ? "= ''" : `<> ${id}`}` : '';
  const same = key
    ? `LEFT JOIN ${rowMatch} x ON x.row_number = m.row_number LEFT JOIN (SELECT id, ${orgCanonical(n)} AS now FROM ${currentRecord}) c ON c.id = x.id`
    : '';
  await staging.run(
    `CREATE OR REPLACE TABLE ${asked(input, one)} AS SELECT m.row_number, ${id} AS k FROM ${mapped} m ${same}
     ANTI JOIN (${closed}) h ON h.row_number = m.row_number WHERE ${isValue} ${changes}`,
  );
}

async function lookUpObject(
  tools: FetchTools,
  input: PlanInput,
  one: IdColumn,
  object: Referenced,
  signal: AbortSignal,
  progress: (records: number) => void,
): Promise<PlannedLookup | null> {
  const staging = tools.staging.until(signal);
  const own = `(SELECT row_number, k FROM ${asked(input, one)} WHERE starts_with(k, ${quoteText(object.keyPrefix ?? '')}))`;
  const [counted] = await staging.query(`SELECT count(*) AS n FROM ${own}`);
  const rows = Number(counted?.['n'] ?? 0);
  if (rows === 0) return null;
  const calls = new CountedCalls(tools.client);
  const { planId: alias, folder, describe } = input;
  const request = idRequest(one.field, object, describe, { alias, folder, table: `named_${one.column.column}` });
  try {
    await fetchCurrentRecords({ ...tools, client: calls.client }, request, `SELECT k FROM ${own}`, signal, progress);
    return await judge(staging, input, one, object, { own, rows, found: request.table, apiCalls: calls.count });
  } finally {
    await dropFetched(tools, request);
  }
}

interface Answered {
  /** SQL for the rows that were asked about, as `row_number, k`. */
  readonly own: string;
  readonly rows: number;
  /** The table of what was found. */
  readonly found: string;
  readonly apiCalls: number;
}

/** Keeps rows home, or has them go on without their Id, as the column's policies say; and counts what became of all. */
async function judge(
  staging: StagingSql,
  input: PlanInput,
  one: IdColumn,
  object: Referenced,
  { own, rows, found, apiCalls }: Answered,
): Promise<PlannedLookup> {
  const { planId, describe } = input;
  const { rowIssue, named } = tablesOf(planId);
  const { whenNone, whenInactive } = one.policies;
  const n = one.column.column;
  const parent = namedWord(one.field, object, describe);
  const inactive = mustBeActive(one.field, object) ? `f.${orgCanonical(ACTIVE)} <> 'true'` : 'false';
  const verdict = `CASE WHEN f.id IS NULL THEN 'none' WHEN ${inactive} THEN 'inactive' ELSE 'found' END`;
  // Nearly every Id names a record: what is left is little, and rows are joined once for it.
  const judged = named(`${found}_missed`);
  await staging.run(
    `CREATE OR REPLACE TABLE ${judged} AS SELECT row_number, verdict FROM (
       SELECT a.row_number, ${verdict} AS verdict FROM ${own} a LEFT JOIN ${named(found)} f ON f.k = a.k) WHERE verdict <> 'found'`,
  );
  const counted = await staging.query(`SELECT verdict, count(*) AS n FROM ${judged} GROUP BY 1`);
  const counts = new Map(counted.map((row) => [row['verdict'], Number(row['n'])]));
  const facts = quoteText(JSON.stringify({ parent, parentField: 'Id' }));
  const keep = (code: string, what: string) =>
    staging.run(
      `INSERT INTO ${rowIssue} SELECT row_number, ${n}, ${quoteText(code)}, ${facts} FROM ${judged} WHERE verdict = ${quoteText(what)}`,
    );
  if (whenNone === 'home') await keep('LOOKUP_NOT_FOUND', 'none');
  else
    await writeMapped(
      staging,
      planId,
      [sent(n), canonical(n)],
      `SELECT DISTINCT row_number, '' AS ${sent(n)}, '' AS ${canonical(n)} FROM ${judged} WHERE verdict = 'none'`,
    );
  if (whenInactive === 'home') await keep('LOOKUP_INACTIVE', 'inactive');
  await staging.run(`DROP TABLE ${judged}`);
  const [none, past] = ['none', 'inactive'].map((what) => counts.get(what) ?? 0) as [number, number];
  return {
    column: n,
    field: one.field.name,
    parent,
    parentField: 'Id',
    found: rows - none - past,
    without: whenNone === 'home' ? 0 : none,
    oldest: 0,
    inactive: whenInactive === 'home' ? 0 : past,
    apiCalls,
  };
}
