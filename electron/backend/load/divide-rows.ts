import { bulkHeader, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { lineFeedsSql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { sumSql } from '../tables/sum-sql.ts';
import { canonical, createTable, LEVEL, sent, SENT_KINDS, SUBMISSION, type Tables } from '../tables/tables.ts';

/** A cell as it is sent. */
export function cellSql({ column }: MappedColumn): string {
  return lineFeedsSql(`m.${sent(column)}`);
}

/** The most bytes that text takes as a cell: every quote doubled, quotes around it, and what ends it. */
function cellBytes(text: string): string {
  return `strlen(${text}) + (strlen(${text}) - strlen(replace(${text}, '"', ''))) + 3`;
}

/** The columns that a load's own rows are sent by, and those of rows that were decided to be records. */
export interface PartColumns {
  readonly own: readonly MappedColumn[];
  readonly decided: { readonly columns: readonly MappedColumn[]; readonly which: string } | null;
  /** Of the object; null leaves rows in the file's order. */
  readonly describe: SObjectDescribe | null;
}

/** The most that a part holds. */
export interface PartRoom {
  readonly bytes: number;
  readonly rows: number;
}

/** Of one part, before it is written. */
export interface PartSize {
  readonly rows: number;
  readonly isDecided: boolean;
  /**
   * From 1: parts of one turn have rows of one level and none of a common parent, so that none is in another's way. Those of a later
   * one may name records that those before them make, or are of a parent that the part before them has rows of, too.
   */
  readonly turn: number;
}

/**
 * Fills `submission`; returns how many rows each part has, from the first part on, and of which. A part ends where a parent's rows do,
 * unless these alone are more than a part holds.
 */
export async function divideRows(
  staging: StagingSql,
  tables: Tables,
  { own, decided, describe }: PartColumns,
  { bytes: jobBytes, rows: jobRows }: PartRoom,
  after: number,
): Promise<PartSize[]> {
  const { planned, mapped, submission, level, named } = tables;
  const [size, first, upTo] = [named('row_bytes'), named('parent_first'), named('bytes_up_to')];
  const bytesOf = (columns: readonly MappedColumn[]) => sumSql(columns.map((column) => cellBytes(cellSql(column))));
  const row = decided
    ? `CASE WHEN ${decided.which} THEN ${bytesOf(decided.columns)} ELSE ${bytesOf(own)} END`
    : bytesOf(own);
  const columns = decided && decided.columns.length > own.length ? decided.columns : own;
  const parent = describe && (await lockedParent(staging, tables, own, describe));
  const inOrder = 'ORDER BY s.level, s.decided, coalesce(f.first, s.row_number), s.row_number';
  // Sizes lie in a table first: a window keeps what its expressions are made of, which would be every cell of every row.
  await staging.run(
    `${createTable(submission, SUBMISSION)}; ${createTable(level, LEVEL, 'keep')};
     CREATE OR REPLACE TABLE ${size} AS
     SELECT row_number, coalesce(l.level, 0) AS level, ${decided?.which ?? 'false'} AS decided, ${parent ? `m.${canonical(parent.column)}` : "''"} AS parent, ${row} AS bytes
     FROM ${planned} p JOIN ${mapped} m USING (row_number)
     LEFT JOIN ${level} l USING (row_number) WHERE p.kind IN (${SENT_KINDS});
     CREATE OR REPLACE TABLE ${first} AS
     SELECT level, decided, parent, min(row_number) AS first FROM ${size} WHERE parent <> '' GROUP BY level, decided, parent;
     CREATE OR REPLACE TABLE ${upTo} AS
     SELECT s.row_number, s.level, s.decided, coalesce(f.first, s.row_number) AS family, row_number() OVER (${inOrder}) AS nth, sum(s.bytes) OVER (${inOrder}) AS bytes
     FROM ${size} s LEFT JOIN ${first} f ON f.level = s.level AND f.decided = s.decided AND f.parent = s.parent;
     DROP TABLE ${size}; DROP TABLE ${first}`,
  );
  const header = columns.reduce((sum, { target }) => sum + Buffer.byteLength(bulkHeader(target)) + 3, 0);
  const room = jobBytes - header;
  const sizes: PartSize[] = [];
  for (let [rows, bytes, turn] = [0, 0, 0]; ;) {
    // The first row after those that have a part is always taken, whatever its size.
    const [next] = await staging.query(
      `WITH fits AS (SELECT max(nth) AS nth FROM ${upTo}
         WHERE nth > ? AND nth <= ? AND (bytes <= ? OR nth = ?) AND (level, decided) = (SELECT (level, decided) FROM ${upTo} WHERE nth = ?)),
       cut AS (SELECT coalesce((SELECT max(nth) FROM ${upTo} WHERE nth > ? AND nth < (SELECT nth FROM fits)
         AND family <> (SELECT family FROM ${upTo} WHERE nth = (SELECT nth FROM fits) + 1)
         AND (SELECT family FROM ${upTo} WHERE nth = (SELECT nth FROM fits) + 1) = (SELECT family FROM ${upTo} WHERE nth = (SELECT nth FROM fits))), (SELECT nth FROM fits)) AS nth)
       SELECT nth AS rows, bytes::DOUBLE AS bytes, decided,
         coalesce((SELECT (b.level, b.decided) = (f.level, f.decided) AND b.family <> f.family FROM ${upTo} b, ${upTo} f WHERE b.nth = ? AND f.nth = ?), false) AS apart
       FROM ${upTo} WHERE nth = (SELECT nth FROM cut)`,
      [rows, rows + jobRows, bytes + room, rows + 1, rows + 1, rows, rows, rows + 1],
    );
    if (next === undefined || next['rows'] === null) break;
    if (next['apart'] !== true) turn++;
    sizes.push({ rows: Number(next['rows']) - rows, isDecided: next['decided'] === true, turn });
    await staging.run(
      `INSERT INTO ${submission} SELECT row_number, ${after + sizes.length}, nth FROM ${upTo} WHERE nth > ${rows} AND nth <= ${Number(next['rows'])}`,
    );
    [rows, bytes] = [Number(next['rows']), Number(next['bytes'])];
  }
  await staging.run(`DROP TABLE ${upTo}`);
  return sizes;
}

/** Objects whose records are not locked for those that name them as a parent. */
const NO_PARENTS: ReadonlySet<string> = new Set(['User', 'Group', 'RecordType', 'Profile', 'UserRole']);

/**
 * The lookup whose records are named by the most rows each: batches that save rows of one parent at once are in each other's way
 * (Bulk API 2.0 Developer Guide, "Organize Data to Minimize Lock Contention": "sort main records based on their parent record"). null where
 * no lookup is sent.
 */
async function lockedParent(
  staging: StagingSql,
  { mapped }: Tables,
  columns: readonly MappedColumn[],
  describe: SObjectDescribe,
): Promise<MappedColumn | null> {
  const lookups = columns.filter(({ target }) => {
    const parents = fieldNamed(describe, target.field)?.referenceTo ?? [];
    return parents.some((name) => !NO_PARENTS.has(name) && name !== describe.name);
  });
  if (lookups.length < 2) return lookups[0] ?? null;
  const counts = lookups.map(
    ({ column }, at) =>
      `approx_count_distinct(nullif(${canonical(column)}, ''))::DOUBLE AS n${at}, count(nullif(${canonical(column)}, ''))::DOUBLE AS of${at}`,
  );
  const [found] = await staging.query(`SELECT ${counts.join(', ')} FROM ${mapped}`);
  const share = (at: number) => Number(found?.[`of${at}`] ?? 0) / Math.max(1, Number(found?.[`n${at}`] ?? 0));
  return lookups.reduce((most, column, at) => (share(at) > share(lookups.indexOf(most)) ? column : most));
}
