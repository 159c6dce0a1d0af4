import {
  mappedColumns,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import { canBeGivenLater, refusesLoops } from '../../../shared/domain/hierarchy-fields.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { canonical, createTable, LATER_CELL, LEVEL, sent, tablesOf } from '../tables/tables.ts';
import { writeMapped } from '../validation/mapped-view.ts';
import { ruleField } from '../validation/rule-field.ts';
import { breakCircles, type ParentColumn } from './break-circles.ts';
import { fillLater, refuseKeyless } from './keyless-parents.ts';
import type { ParentGraph } from './parent-graph.ts';
import type { PlannedMapping } from './plan-input.ts';

/** Levels of parents within one file: each is loaded by jobs of its own, one after another. */
const MOST_LEVELS = 50;
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
 * parent before it; and of circles which cells are given afterwards (`later_cell`), for what is loaded by one job has no order, and a
 * record that is not there can't be named. A row is not sent where its parent is not, and where it is in a circle that can't be
 * broken (LOOKUP_CIRCLE). Every other reason not to be sent has been found by now.
 */
export async function levelParents(staging: StagingSql, input: PlannedMapping): Promise<void> {
  const { planId, mapping, describe } = input;
  const { ownParent, level, laterCell, rowIssue, named } = tablesOf(planId);
  await staging.run(`${createTable(level, LEVEL)}; ${createTable(laterCell, LATER_CELL)}`);
  const [waiting] = await staging.query(`SELECT count(*) AS n FROM ${ownParent}`);
  if (Number(waiting?.['n'] ?? 0) === 0) return;
  const [edge, circle] = [named('parent_row'), named('parent_circle')];
  await staging.run(
    `CREATE OR REPLACE TABLE ${edge} (row_number INTEGER, source_column INTEGER, of_row INTEGER, any_row INTEGER);
     CREATE OR REPLACE TABLE ${circle} (row_number INTEGER, source_column INTEGER, of_row INTEGER, reason VARCHAR)`,
  );
  const lookups = sentColumns(mapping).flatMap((column) => {
    const own = ownKeyOf(mapping, describe, column);
    return own ? [{ column, own }] : [];
  });
  const find = async () => {
    for (const { column, own } of lookups) await staging.run(findRows(input, column, own, edge));
  };
  await find();
  await refuseKeyless(staging, input, edge, { lookups, rules: parentColumns(input), find });
  await fillLevels(staging, level, edge);
  await breakIn(staging, input, edge, circle);
  await staging.run(
    `INSERT INTO ${rowIssue} SELECT row_number, source_column, 'LOOKUP_CIRCLE', json_object('of', of_row, 'reason', reason) FROM ${circle};
     INSERT INTO ${rowIssue} SELECT row_number, source_column, 'LOOKUP_PARENT_HOME', json_object('of', coalesce(of_row, any_row)) FROM ${edge}
       WHERE row_number NOT IN (SELECT row_number FROM ${level}) AND row_number NOT IN (SELECT row_number FROM ${circle});
     DELETE FROM ${laterCell} WHERE row_number IN (SELECT row_number FROM ${rowIssue});
     DROP TABLE ${edge}; DROP TABLE ${circle}`,
  );
}

/** Gives each row the level after the deepest of its parents, as far as all of them have one. */
async function fillLevels(staging: StagingSql, level: string, edge: string): Promise<void> {
  await staging.run(createTable(level, LEVEL));
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
}

/** Breaks the circles among the rows that no level was found for, and levels them anew without the cells that are put off. */
async function breakIn(staging: StagingSql, input: PlannedMapping, edge: string, circle: string): Promise<void> {
  const { level, laterCell } = tablesOf(input.planId);
  const graph = await readGraph(staging, input, edge);
  if (graph === null) return;
  const { later, refused } = breakCircles(graph, parentColumns(input), MOST_LEVELS);
  const cell = (at: number) => `${graph.row[at]}, ${graph.column[at]}, ${graph.parent[at]}`;
  await insertRows(
    staging,
    circle,
    refused.map(({ edge: at, reason }) => `(${cell(at)}, ${quoteText(reason)})`),
  );
  await insertRows(
    staging,
    laterCell,
    later.map((at) => `(${cell(at)}, '')`),
  );
  await fillLater(staging, input);
  const isLater = `EXISTS (SELECT 1 FROM ${laterCell} l WHERE l.row_number = e.row_number AND l.source_column = e.source_column)`;
  await staging.run(`DELETE FROM ${edge} e WHERE ${isLater}`);
  await fillLevels(staging, level, edge);
}

/** SQL for the rows that are not sent, as far as that is known. */
export function homeSql({ planId }: Pick<PlannedMapping, 'planId'>): string {
  const { rowIssue, repeated } = tablesOf(planId);
  return `(SELECT row_number FROM ${rowIssue} UNION SELECT row_number FROM ${repeated})`;
}

/** Rows that go over to SQL, or come from it, at a time. */
const PAGE = 50_000;

/** Rows as SQL writes them, some thousands at a time. */
export async function insertRows(staging: StagingSql, table: string, rows: readonly string[]): Promise<void> {
  for (let at = 0; at < rows.length; at += PAGE)
    await staging.run(`INSERT INTO ${table} VALUES ${rows.slice(at, at + PAGE).join(', ')}`);
}

/** Who names whom, of the rows that have no level; null where all have one. */
export async function readGraph(
  staging: StagingSql,
  { planId }: PlannedMapping,
  edge: string,
): Promise<ParentGraph | null> {
  const { level, named } = tablesOf(planId);
  const rest = named('parent_rest');
  await staging.run(
    `CREATE OR REPLACE TABLE ${rest} AS SELECT row_number() OVER (ORDER BY e.row_number, e.source_column)::INTEGER AS nth, e.row_number, e.source_column,
       coalesce(e.of_row, 0) AS of_row, coalesce(p.level, 0) AS above
     FROM ${edge} e LEFT JOIN ${level} p ON p.row_number = e.of_row WHERE e.row_number NOT IN (SELECT row_number FROM ${level})`,
  );
  const edges = await count(staging, rest);
  const array = () => new Int32Array(edges);
  const graph = { row: array(), column: array(), parent: array(), above: array() };
  for (let from = 0; from < edges; from += PAGE) {
    const page = await staging.query(`SELECT * FROM ${rest} WHERE nth > ${from} AND nth <= ${from + PAGE}`);
    for (const { nth, row_number, source_column, of_row, above } of page) {
      const at = Number(nth) - 1;
      graph.row[at] = Number(row_number);
      graph.column[at] = Number(source_column);
      graph.parent[at] = Number(of_row);
      graph.above[at] = Number(above);
    }
  }
  await staging.run(`DROP TABLE ${rest}`);
  return edges > 0 ? graph : null;
}

/** The lookups by which rows may name rows of their own file, by the place of their column. */
function parentColumns({ mapping, describe }: PlannedMapping): ReadonlyMap<number, ParentColumn> {
  const columns = sentColumns(mapping).filter((column) => ownKeyOf(mapping, describe, column));
  return new Map(
    columns.map(({ column, target }) => {
      const canWait = canBeGivenLater(fieldNamed(describe, target.field));
      return [column, { canWait, refusesLoops: refusesLoops(describe.name, target.field) }];
    }),
  );
}

async function count(staging: StagingSql, table: string): Promise<number> {
  const [counted] = await staging.query(`SELECT count(*) AS n FROM ${table}`);
  return Number(counted?.['n'] ?? 0);
}

/** For rows that could be sent, and are sent with that cell, which row of the file has the key of their parent: one that is sent, or any. */
function findRows(input: PlannedMapping, column: MappedColumn, own: MappedColumn, edge: string): string {
  const { planId, describe, parents } = input;
  const { mapped, ownParent } = tablesOf(planId);
  const home = homeSql(input);
  const key = foldKeySql(`m.${canonical(own.column)}`, ruleField(own, describe, parents));
  return `INSERT INTO ${edge} SELECT w.row_number, w.source_column, min(m.row_number) FILTER (h.row_number IS NULL), min(m.row_number)
    FROM ${ownParent} w JOIN ${mapped} m ON ${key} = w.k JOIN ${mapped} o ON o.row_number = w.row_number LEFT JOIN ${home} h ON h.row_number = m.row_number
    WHERE w.source_column = ${column.column} AND o.${sent(column.column)} <> '' AND w.row_number NOT IN ${home} GROUP BY 1, 2`;
}

/**
 * Takes the cells that are put off out of what the first step sends. The rows have been compared with the org's records by now, with
 * all their cells.
 */
export function putOffCells(staging: StagingSql, input: PlannedMapping): Promise<void> {
  return setCells(staging, input, "''");
}

/** Puts them back, for what is left out of a plan, or taken back into it, is of rows as they are sent whole. */
export async function takeBackCells(staging: StagingSql, input: PlannedMapping): Promise<void> {
  await setCells(staging, input, 'l.value');
  await staging.run(createTable(tablesOf(input.planId).laterCell, LATER_CELL));
}

async function setCells(staging: StagingSql, { planId, mapping }: PlannedMapping, value: string): Promise<void> {
  const { laterCell } = tablesOf(planId);
  if ((await count(staging, laterCell)) === 0) return;
  for (const { column } of sentColumns(mapping))
    await writeMapped(
      staging,
      planId,
      [sent(column)],
      `SELECT l.row_number, ${value} AS ${sent(column)} FROM ${laterCell} l WHERE l.source_column = ${column}`,
    );
}
