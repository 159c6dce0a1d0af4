import { sentColumns, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { refusesLoops } from '../../../shared/domain/hierarchy-fields.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, createTable, LEVEL, orgCanonical, sent, tablesOf } from '../tables/tables.ts';
import { ruleField } from '../validation/rule-field.ts';
import { NEVER } from '../never.ts';
import { breakCircles } from './break-circles.ts';
import { differsSql } from './compare-rows.ts';
import { dropFetched, fetchCurrentRecords, type FetchRequest, type FetchTools } from './fetch-current-records.ts';
import { homeSql, insertRows, readGraph } from './parents-in-file.ts';
import type { PlanInput } from './plan-input.ts';

/** Records that no row of the file means are numbered from here: a file has fewer rows. */
const FIRST_RECORD = 1_000_000_000;

/**
 * Rows that would put a record of the org below itself, in a hierarchy by which Salesforce refuses that (`refusesLoops`): the new parent
 * leads back to the record, by what the rows say and, for records that no row changes, by what the org says. These are asked for level
 * by level, and only those above a parent that changes. `row_match` and `current_record` are there already, and lookups are Ids.
 */
export async function refuseOrgCircles(tools: FetchTools, input: PlanInput, signal: AbortSignal): Promise<void> {
  const { operation } = input.mapping;
  if (operation !== 'update' && operation !== 'upsert') return;
  for (const column of sentColumns(input.mapping))
    if (refusesLoops(input.describe.name, column.target.field)) await refuseIn(tools, input, column, signal);
}

async function refuseIn(tools: FetchTools, input: PlanInput, column: MappedColumn, signal: AbortSignal): Promise<void> {
  const staging = tools.staging.until(signal);
  const { rowIssue, level, named } = tablesOf(input.planId);
  const [parentOf, edge, refusedRow] = ['parent_of', 'row_parent', 'refused_row'].map(named) as [
    string,
    string,
    string,
  ];
  try {
    await staging.run(
      `CREATE OR REPLACE TABLE ${parentOf} (id VARCHAR, parent VARCHAR, row_number INTEGER, changes BOOLEAN);
       INSERT INTO ${parentOf} ${rowsSql(input, column)}`,
    );
    await askAbove(tools, input, column, signal);
    await staging.run(
      `${createTable(level, LEVEL)};
       CREATE OR REPLACE TABLE ${edge} AS
       WITH node AS MATERIALIZED (SELECT id, coalesce(row_number, ${FIRST_RECORD} + row_number() OVER (ORDER BY id)) AS n FROM ${parentOf})
       SELECT c.n::INTEGER AS row_number, ${column.column} AS source_column, p.n::INTEGER AS of_row
       FROM ${parentOf} e JOIN node c USING (id) JOIN node p ON p.id = e.parent`,
    );
    const graph = await readGraph(staging, input, edge);
    if (graph === null) return;
    const rules = new Map([[column.column, { canWait: true, refusesLoops: true }]]);
    const { refused } = breakCircles(graph, rules, graph.row.length + 1);
    await staging.run(`CREATE OR REPLACE TABLE ${refusedRow} (row_number INTEGER)`);
    await insertRows(
      staging,
      refusedRow,
      refused.map(({ edge: at }) => `(${graph.row[at]})`),
    );
    // A row that leaves its record's parent as it is closes no circle.
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT row_number, ${column.column}, 'LOOKUP_CIRCLE_IN_ORG', json_object('record', parent)
       FROM ${parentOf} WHERE changes AND row_number IN (SELECT row_number FROM ${refusedRow})`,
    );
  } finally {
    await tools.staging
      .until(NEVER)
      .run([parentOf, edge, refusedRow].map((table) => `DROP TABLE IF EXISTS ${table}`).join('; '));
  }
}

/** Of rows that are sent and mean a record: the record, the parent that they give it (blank: none), and whether that is another one. */
function rowsSql(input: PlanInput, column: MappedColumn): string {
  const { planId, describe, parents } = input;
  const { rowMatch, mapped, currentRecord, parent } = tablesOf(planId);
  const value = `m.${canonical(column.column)}`;
  const given =
    column.target.kind === 'lookup'
      ? `(SELECT min(p.id) FROM ${parent(column.column)} p WHERE p.k = ${foldKeySql(value, ruleField(column, describe, parents))})`
      : value;
  return `SELECT r.id, any_value(coalesce(${given}, '')), min(r.row_number), bool_or(${differsSql(column, input)})
    FROM ${rowMatch} r JOIN ${mapped} m USING (row_number) JOIN ${currentRecord} c ON c.id = r.id
    WHERE m.${sent(column.column)} <> ''
      AND r.row_number NOT IN ${homeSql(input)} GROUP BY r.id`;
}

/** Adds what the org says of the records above a parent that changes, as far up as no row says it. */
async function askAbove(tools: FetchTools, input: PlanInput, column: MappedColumn, signal: AbortSignal): Promise<void> {
  const { planId, describe, folder } = input;
  const staging = tools.staging.until(signal);
  const { named } = tablesOf(planId);
  const parentOf = named('parent_of');
  const [id, field] = [fieldNamed(describe, 'Id'), fieldNamed(describe, column.target.field)];
  if (!id || !field) throw new Error(`${describe.name} has no Id or no ${column.target.field}`);
  const request: FetchRequest = {
    ...{ alias: planId, table: 'record_above', folder, objectName: describe.name, keyField: id },
    columns: [{ column: column.column, path: field.name, field }],
    ...{ stamp: null, wantsDeleted: false, condition: null },
  };
  const unknown = `WITH RECURSIVE up AS (
      SELECT DISTINCT parent AS id FROM ${parentOf} WHERE changes AND parent <> ''
      UNION SELECT e.parent FROM ${parentOf} e JOIN up USING (id) WHERE e.parent <> '')
    SELECT id AS k FROM up ANTI JOIN ${parentOf} USING (id)`;
  while (await isAny(staging, unknown)) {
    try {
      await fetchCurrentRecords(tools, request, unknown, signal, () => undefined);
      // One that is not found has nothing above it that could be known.
      await staging.run(
        `INSERT INTO ${parentOf} SELECT u.k, coalesce(a.${orgCanonical(column.column)}, ''), NULL, false
         FROM (${unknown}) u LEFT JOIN ${named('record_above')} a ON a.id = u.k`,
      );
    } finally {
      await dropFetched(tools, request);
    }
  }
}

async function isAny(staging: StagingSql, sql: string): Promise<boolean> {
  return (await staging.query(`SELECT 1 AS one FROM (${sql}) LIMIT 1`)).length > 0;
}
