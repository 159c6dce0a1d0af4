import {
  mappedColumns,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, createTable, LEVEL, tablesOf } from '../tables/tables.ts';
import { ruleField } from '../validation/rule-field.ts';
import type { PlannedMapping } from './plan-input.ts';

/** Levels of parents within one file: each is loaded by jobs of its own, one after another. */
const MOST_LEVELS = 50;
/** Steps by which rows that only lead to a circle are told from those in it. */
const MOST_STEPS = 1000;

/** The column that gives the key by which a lookup names records of the file's own object; undefined where it names others. */
export function ownKeyOf(
  mapping: FieldMapping,
  { name }: Pick<SObjectDescribe, 'name'>,
  { target }: MappedColumn,
): MappedColumn | undefined {
  if (target.kind !== 'lookup' || target.parentObject !== name) return undefined;
  if (mapping.operation !== 'insert' && mapping.operation !== 'upsert') return undefined;
  return mappedColumns(mapping).find(
    (column) => column.target.kind === 'field' && column.target.field === target.parentField,
  );
}

/** SQL for the keys, folded as `k`, that rows of the file have themselves. */
export function ownKeysSql({ planId, describe, parents }: PlannedMapping, own: MappedColumn): string {
  const value = canonical(own.column);
  return `SELECT ${foldKeySql(value, ruleField(own, describe, parents))} AS k FROM ${tablesOf(planId).mapped} WHERE ${value} <> ''`;
}

/**
 * Rows whose parent the org does not have, but the file (`own_parent`, by key): on which level each is to be loaded (`level`), its
 * parent before it. A row stays home where its parent does, and where it is its own parent at last (LOOKUP_CIRCLE): what is loaded
 * by one job has no order, and a record that is not there can't be named. Every other reason to stay home has been found by now.
 */
export async function levelParents(staging: StagingSql, input: PlannedMapping): Promise<void> {
  const { planId, mapping, describe } = input;
  const { ownParent, level, rowIssue, named } = tablesOf(planId);
  await staging.run(createTable(level, LEVEL));
  const [waiting] = await staging.query(`SELECT count(*) AS n FROM ${ownParent}`);
  if (Number(waiting?.['n'] ?? 0) === 0) return;
  const [edge, rest] = [named('parent_row'), named('parent_rest')];
  await staging.run(
    `CREATE OR REPLACE TABLE ${edge} (row_number INTEGER, source_column INTEGER, of_row INTEGER, any_row INTEGER)`,
  );
  for (const column of sentColumns(mapping)) {
    const own = ownKeyOf(mapping, describe, column);
    if (own) await staging.run(findRows(input, column, own, edge));
  }
  const inEdge = `SELECT row_number FROM ${edge}`;
  for (let nth = 1; nth <= MOST_LEVELS; nth++) {
    const ready = `e.of_row IS NOT NULL AND (e.of_row NOT IN (${inEdge}) OR p.row_number IS NOT NULL)`;
    const before = await count(staging, level);
    await staging.run(
      `INSERT INTO ${level} SELECT e.row_number, ${nth} FROM ${edge} e LEFT JOIN ${level} p ON p.row_number = e.of_row
       WHERE e.row_number NOT IN (SELECT row_number FROM ${level}) GROUP BY e.row_number HAVING bool_and(${ready})`,
    );
    if ((await count(staging, level)) === before) break;
  }
  await staging.run(
    `CREATE OR REPLACE TABLE ${rest} AS SELECT *, false AS circle FROM ${edge} WHERE row_number NOT IN (SELECT row_number FROM ${level})`,
  );
  await findCircles(staging, rest);
  await staging.run(
    `INSERT INTO ${rowIssue} SELECT row_number, source_column, CASE WHEN circle THEN 'LOOKUP_CIRCLE' ELSE 'LOOKUP_PARENT_HOME' END,
       json_object('of', coalesce(of_row, any_row)) FROM ${rest};
     DROP TABLE ${edge}; DROP TABLE ${rest}`,
  );
}

async function count(staging: StagingSql, table: string): Promise<number> {
  const [counted] = await staging.query(`SELECT count(*) AS n FROM ${table}`);
  return Number(counted?.['n'] ?? 0);
}

/** For rows that could be sent, which row of the file has the key of their parent: one that is sent, or any. */
function findRows(input: PlannedMapping, column: MappedColumn, own: MappedColumn, edge: string): string {
  const { planId, describe, parents } = input;
  const { mapped, ownParent, rowIssue, repeated } = tablesOf(planId);
  const home = `(SELECT row_number FROM ${rowIssue} UNION SELECT row_number FROM ${repeated})`;
  const key = foldKeySql(`m.${canonical(own.column)}`, ruleField(own, describe, parents));
  return `INSERT INTO ${edge} SELECT w.row_number, w.source_column, min(m.row_number) FILTER (h.row_number IS NULL), min(m.row_number)
    FROM ${ownParent} w JOIN ${mapped} m ON ${key} = w.k LEFT JOIN ${home} h ON h.row_number = m.row_number
    WHERE w.source_column = ${column.column} AND w.row_number NOT IN ${home} GROUP BY 1, 2`;
}

/** Marks of the rows that are left those in a circle: whom no other of them names as a parent is in none. */
async function findCircles(staging: StagingSql, rest: string): Promise<void> {
  await staging.run(`UPDATE ${rest} SET circle = of_row IN (SELECT row_number FROM ${rest})`);
  const inCircle = `SELECT row_number FROM ${rest} WHERE circle`;
  for (let step = 0; step < MOST_STEPS; step++) {
    const out = `circle AND (row_number NOT IN (SELECT of_row FROM ${rest} WHERE circle) OR of_row NOT IN (${inCircle}))`;
    const [left] = await staging.query(`SELECT count(*) AS n FROM ${rest} WHERE ${out}`);
    if (Number(left?.['n'] ?? 0) === 0) return;
    await staging.run(`UPDATE ${rest} SET circle = false WHERE ${out}`);
  }
  await staging.run(`UPDATE ${rest} SET circle = false`);
}
