import {
  matchColumn,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import { foldKeySql, foldValueSql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, createTable, orgCanonical, ROW_CHANGE, sent, tablesOf } from '../tables/tables.ts';
import { sentField } from '../validation/rule-field.ts';
import type { PlannedMapping } from './plan-input.ts';

/** The columns whose values are compared with the org's: those that are sent, but for the one that names the record. */
export function comparedColumns(mapping: FieldMapping): MappedColumn[] {
  const key = matchColumn(mapping);
  return key ? sentColumns(mapping).filter((column) => column !== key) : [];
}

/** What is compared of a cell, as SQL over a row of `mapped` and a record of the org (`recordShape`). */
interface ComparedCell {
  /** A blank cell is not sent, so it changes nothing. */
  readonly isSent: string;
  readonly value: string;
  /** The org's. */
  readonly current: string;
}

/** #N/A clears: its value is blank. Polymorphic lookups are told apart by the id that `parent_<n>` gives for the key. */
function comparedCell(column: MappedColumn, input: PlannedMapping, row: string, record: string): ComparedCell {
  const { planId, describe, parents } = input;
  const { target, column: n } = column;
  const field = sentField(column, describe, parents);
  const [value, current] = [`${row}.${canonical(n)}`, `coalesce(${record}.${orgCanonical(n)}, '')`];
  const isSent = `${row}.${sent(n)} <> ''`;
  if (target.kind === 'lookup' && target.polymorphic) {
    const meant = `(SELECT min(p.id) FROM ${tablesOf(planId).parent(n)} p WHERE p.k = ${foldKeySql(value, field)})`;
    return { isSent, value: `coalesce(${meant}, '')`, current };
  }
  // A checkbox is checked or it is not: cleared, it is not.
  const cleared = field.type === 'boolean' ? `CASE WHEN ${value} = '' THEN 'false' ELSE ${value} END` : value;
  return { isSent, value: foldValueSql(cleared, field, target), current: foldValueSql(current, field, target) };
}

/** Whether sending a row's cell would change its record. */
export function differsSql(column: MappedColumn, input: PlannedMapping, row = 'm', record = 'c'): string {
  const { isSent, value, current } = comparedCell(column, input, row, record);
  return `(${isSent} AND ${value} <> ${current})`;
}

/**
 * Cells that are put beside those of records at a time, as a number of eight bytes each. Texts of a million rows would not fit into the
 * engine's memory; of their numbers both sides are read once.
 */
const CELLS_AT_ONCE = 16_000_000;
/** Columns of them: of a wide file no row is looked at as a whole. */
const COLUMNS_AT_ONCE = 32;

/** A cell's number is even; the odd one after it stands for a cell that clears. Two values have the same by chance once in 10^18 times. */
const evenSql = (number: string): string => `(${number} & 18446744073709551614::UBIGINT)`;
const numberSql = (value: string): string => evenSql(`hash(${value})`);
const isOddSql = (number: string): string => `(${number} & 1::UBIGINT) = 1`;

/** What would change of each record that a row names (`row_match`), in `row_change`; rows that change nothing are not in it. */
export async function compareRows(staging: StagingSql, input: PlannedMapping): Promise<void> {
  const { staged, rowChange, named } = tablesOf(input.planId, input.step);
  await staging.run(createTable(rowChange, ROW_CHANGE));
  const columns = comparedColumns(input.mapping);
  if (columns.length === 0) return;
  const parts = Array.from({ length: Math.ceil(columns.length / COLUMNS_AT_ONCE) }, (_, at) =>
    columns.slice(at * COLUMNS_AT_ONCE, (at + 1) * COLUMNS_AT_ONCE),
  );
  const rows = Math.ceil(CELLS_AT_ONCE / Math.min(columns.length, COLUMNS_AT_ONCE));
  const [last] = await staging.query(`SELECT coalesce(max(row_number), 0) AS n FROM ${staged}`);
  for (let after = 0; after < Number(last?.['n'] ?? 0); after += rows) {
    const slice = `row_number > ${after} AND row_number <= ${after + rows}`;
    if (parts.length === 1) await comparePart(staging, input, columns, slice, rowChange);
    else await compareParts(staging, input, parts, slice, named('part_change'));
  }
}

/** Of a slice of rows part by part of their columns. */
async function compareParts(
  staging: StagingSql,
  input: PlannedMapping,
  parts: readonly (readonly MappedColumn[])[],
  slice: string,
  partly: string,
): Promise<void> {
  const { rowChange } = tablesOf(input.planId, input.step);
  await staging.run(createTable(partly, ROW_CHANGE));
  for (const part of parts) await comparePart(staging, input, part, slice, partly);
  const whole = (list: string) => `list_sort(flatten(list(${list})))`;
  await staging.run(
    `INSERT INTO ${rowChange} SELECT row_number, ${whole('changed')}, ${whole('filled')}, ${whole('cleared')} FROM ${partly} GROUP BY row_number;
     DROP TABLE ${partly}`,
  );
}

async function comparePart(
  staging: StagingSql,
  input: PlannedMapping,
  columns: readonly MappedColumn[],
  slice: string,
  into: string,
): Promise<void> {
  const { mapped, currentRecord, rowMatch } = tablesOf(input.planId, input.step);
  const cells = columns.map((column) => ({ n: column.column, ...comparedCell(column, input, 'm', 'c') }));
  const ours = cells.map(
    ({ n, isSent, value }) =>
      `CASE WHEN ${isSent} THEN ${numberSql(value)} | (m.${sent(n)} = '#N/A')::UBIGINT END AS h${n}`,
  );
  const theirs = cells.map(({ n, current }) => `${numberSql(current)} AS c${n}`);
  const differs = (n: number) => `${evenSql(`h${n}`)} <> c${n}`;
  const places = (condition: (n: number) => string) => {
    const list = cells.map(({ n }) => `CASE WHEN ${differs(n)} AND ${condition(n)} THEN ${n} END`);
    return `list_filter([${list.join(', ')}], lambda place: place IS NOT NULL)`;
  };
  const clears = (n: number) => isOddSql(`h${n}`);
  await staging.run(
    `INSERT INTO ${into}
     SELECT row_number, ${places(() => 'true')}, ${places((n) => `NOT (${clears(n)}) AND c${n} = ${numberSql("''")}`)}, ${places(clears)}
     FROM (SELECT id, m.row_number, ${ours.join(', ')} FROM (SELECT * FROM ${mapped} WHERE ${slice}) m
         JOIN (SELECT * FROM ${rowMatch} WHERE ${slice}) x USING (row_number))
       JOIN (SELECT id, ${theirs.join(', ')} FROM ${currentRecord} c) USING (id)
     WHERE ${cells.map(({ n }) => differs(n)).join(' OR ')}`,
  );
}
