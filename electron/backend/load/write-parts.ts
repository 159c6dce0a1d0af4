import { createHash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bulkHeader,
  loadWay,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import { Digest, type PlanId } from '../../../shared/domain/ids.ts';
import { diskFailure, syncFolder } from '../documents/durable-file.ts';
import { lineFeedsSql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { sumSql } from '../tables/sum-sql.ts';
import { createTable, LEVEL, sent, SUBMISSION, tablesOf, type Tables } from '../tables/tables.ts';
import { CsvScan } from './csv-scan.ts';

/** What could not be written, in a sentence (`shared/text/failure-text.ts`). */
const WHAT = 'the rows to upload';

const OF_NOTHING = Digest.parse(createHash('sha256').digest('hex'));

function refused(error: unknown): never {
  throw diskFailure(error, WHAT);
}

/**
 * One part as it lies on disk: what is uploaded is this and nothing else. Of a part that goes out as collections nothing lies there
 * (`bytes` 0, and the digest of nothing): its rows are read from the plan's database as they are sent.
 */
export interface WrittenPart {
  /** From 1. */
  readonly part: number;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: Digest;
  /** Rows that update the records they were decided to be. */
  readonly of?: 'decided' | undefined;
}

/** Which rows are written. */
export interface WhichParts {
  readonly step: 'first' | 'second';
  /** The number of the last part there is. */
  readonly after: number;
  /** What is sent of rows that update records by Id whatever the rest does, and which these are, as SQL over `planned`; null where there are none. */
  readonly decided: { readonly mapping: FieldMapping; readonly which: string } | null;
}

export function partFile(folder: string, part: number): string {
  return join(folder, `part-${part}.csv`);
}

/**
 * Divides the rows to send into parts that each fit one job, in `submission`, in the file's order, as many rows to a part as there
 * is room for, and writes each part as Bulk API CSV: UTF-8, API names, RFC 4180 quotes, split between records. A row
 * that is larger than a job is a part by itself. Rows whose parents are rows of the file come after them, and not in the same part:
 * the rows of one job are worked on in no order. Rows that were decided to be records are updates of these, in parts of their own. The second step's parts are numbered from the one `after` the last. What was written is read again: as many records as rows, or it throws.
 * Throws `DISK_FULL`, `DISK_REFUSED`.
 *
 * Line ends are LF, inside cells too: a job fails as a whole where the line ends of its file are not the declared ones, and that
 * is reported of line ends inside cells as well. Salesforce keeps line ends as they were sent, so text with CRLF is stored with LF;
 * the two count as the same text everywhere in Longshore (`shared/match/canonical-text.ts`).
 */
export async function writeParts(
  staging: StagingSql,
  planId: PlanId,
  mapping: FieldMapping,
  folder: string,
  jobBytes: number,
  { step, after, decided }: WhichParts = { step: 'first', after: 0, decided: null },
): Promise<WrittenPart[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(refused);
  const columns = {
    own: sentColumns(mapping),
    decided: decided && { columns: sentColumns(decided.mapping), which: decided.which },
  };
  const tables = tablesOf(planId, step);
  const sizes = await divide(staging, tables, columns, jobBytes, after);
  const parts: WrittenPart[] = [];
  for (const [index, { rows, isDecided }] of sizes.entries()) {
    const sentOf = (isDecided ? columns.decided?.columns : null) ?? columns.own;
    const written = await writePart(staging, tables, mapping, sentOf, folder, after + index + 1, rows);
    parts.push({ ...written, ...(isDecided ? { of: 'decided' } : {}) });
  }
  await syncFolder(folder).catch(refused);
  return parts;
}

async function writePart(
  staging: StagingSql,
  tables: Tables,
  mapping: FieldMapping,
  columns: readonly MappedColumn[],
  folder: string,
  part: number,
  rows: number,
): Promise<WrittenPart> {
  if (loadWay(mapping) === 'collections') return { part, rows, bytes: 0, sha256: OF_NOTHING };
  const path = partFile(folder, part);
  await makeFile(path);
  await staging.run(copyPart(tables, columns, part, path));
  return settle(path, part, rows);
}

/**
 * Writes one more part, of rows that were sent before and failed: `rowsSql` gives their numbers as `row_number`, and they belong to
 * this part from now on. null if there are none. They fit one job: a part holds them all already, or parts of the same size do.
 */
export async function writePartAgain(
  staging: StagingSql,
  planId: PlanId,
  mapping: FieldMapping,
  folder: string,
  part: number,
  rowsSql: string,
): Promise<WrittenPart | null> {
  const tables = tablesOf(planId);
  const { submission } = tables;
  await staging.run(
    `UPDATE ${submission} SET part = ${part} WHERE row_number IN (SELECT row_number FROM (${rowsSql}))`,
  );
  const [found] = await staging.query(`SELECT count(*) AS n FROM ${submission} WHERE part = ${part}`);
  const rows = Number(found?.['n']);
  if (rows === 0) return null;
  const written = await writePart(staging, tables, mapping, sentColumns(mapping), folder, part, rows);
  await syncFolder(folder).catch(refused);
  return written;
}

/** A cell as it is sent. */
function cellSql({ column }: MappedColumn): string {
  return lineFeedsSql(`m.${sent(column)}`);
}

/** The most bytes that text takes as a cell: every quote doubled, quotes around it, and what ends it. */
function cellBytes(text: string): string {
  return `strlen(${text}) + (strlen(${text}) - strlen(replace(${text}, '"', ''))) + 3`;
}

/** The columns that a load's own rows are sent by, and those of rows that were decided to be records. */
interface PartColumns {
  readonly own: readonly MappedColumn[];
  readonly decided: { readonly columns: readonly MappedColumn[]; readonly which: string } | null;
}

/** Fills `submission`; returns how many rows each part has, from the first part on, and of which. */
async function divide(
  staging: StagingSql,
  { planned, mapped, submission, level, named }: Tables,
  { own, decided }: PartColumns,
  jobBytes: number,
  after: number,
): Promise<{ rows: number; isDecided: boolean }[]> {
  const [size, upTo] = [named('row_bytes'), named('bytes_up_to')];
  const bytesOf = (columns: readonly MappedColumn[]) => sumSql(columns.map((column) => cellBytes(cellSql(column))));
  const row = decided
    ? `CASE WHEN ${decided.which} THEN ${bytesOf(decided.columns)} ELSE ${bytesOf(own)} END`
    : bytesOf(own);
  const columns = decided && decided.columns.length > own.length ? decided.columns : own;
  const inOrder = 'ORDER BY level, decided, row_number';
  // Sizes lie in a table first: a window keeps what its expressions are made of, which would be every cell of every row.
  await staging.run(
    `${createTable(submission, SUBMISSION)}; ${createTable(level, LEVEL, 'keep')};
     CREATE OR REPLACE TABLE ${size} AS
     SELECT row_number, coalesce(l.level, 0) AS level, ${decided?.which ?? 'false'} AS decided, ${row} AS bytes FROM ${planned} p JOIN ${mapped} m USING (row_number)
     LEFT JOIN ${level} l USING (row_number) WHERE p.kind IN ('insert', 'update', 'delete');
     CREATE OR REPLACE TABLE ${upTo} AS
     SELECT row_number, level, decided, row_number() OVER (${inOrder}) AS nth, sum(bytes) OVER (${inOrder}) AS bytes FROM ${size};
     DROP TABLE ${size}`,
  );
  const header = columns.reduce((sum, { target }) => sum + Buffer.byteLength(bulkHeader(target)) + 3, 0);
  const room = jobBytes - header;
  const sizes: { rows: number; isDecided: boolean }[] = [];
  for (let [rows, bytes] = [0, 0]; ;) {
    // The first row after those that have a part is always taken, whatever its size.
    const [next] = await staging.query(
      `SELECT max(nth) AS rows, max(bytes)::DOUBLE AS bytes, bool_or(decided) AS decided FROM ${upTo}
       WHERE nth > ? AND (bytes <= ? OR nth = ?) AND (level, decided) = (SELECT (level, decided) FROM ${upTo} WHERE nth = ?)`,
      [rows, bytes + room, rows + 1, rows + 1],
    );
    if (next === undefined || next['rows'] === null) break;
    sizes.push({ rows: Number(next['rows']) - rows, isDecided: next['decided'] === true });
    await staging.run(
      `INSERT INTO ${submission} SELECT row_number, ${after + sizes.length} FROM ${upTo} WHERE nth > ${rows} AND nth <= ${Number(next['rows'])}`,
    );
    [rows, bytes] = [Number(next['rows']), Number(next['bytes'])];
  }
  await staging.run(`DROP TABLE ${upTo}`);
  return sizes;
}

function copyPart(
  { submission, mapped }: Tables,
  columns: readonly MappedColumn[],
  part: number,
  path: string,
): string {
  // A line without a character is no record to whoever reads it: where a row is one blank cell, the cell is written as "".
  const cell = (column: MappedColumn) => (columns.length === 1 ? cellSql(column) : `nullif(${cellSql(column)}, '')`);
  const select = columns.map((column) => `${cell(column)} AS ${quoteName(bulkHeader(column.target))}`);
  return `COPY (SELECT ${select.join(', ')} FROM ${submission} s JOIN ${mapped} m USING (row_number) WHERE s.part = ${part} ORDER BY s.row_number)
    TO ${quoteText(path)} (FORMAT csv, HEADER, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '', USE_TMP_FILE false)`;
}

/** Makes the file before the staging process writes to it, so that nobody else can read it meanwhile. */
async function makeFile(path: string): Promise<void> {
  try {
    const file = await open(path, 'w', 0o600);
    await file.chmod(0o600);
    await file.close();
  } catch (error) {
    refused(error);
  }
}

async function settle(path: string, part: number, rows: number): Promise<WrittenPart> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r+');
    await file.sync();
    const hash = createHash('sha256');
    const scan = new CsvScan();
    let bytes = 0;
    for await (const piece of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
      hash.update(piece);
      scan.push(piece);
      bytes += piece.length;
    }
    const records = scan.end()?.records;
    if (records !== rows) throw new Error(`part ${part} has ${rows} rows and ${String(records)} were written`);
    return { part, rows, bytes, sha256: Digest.parse(hash.digest('hex')) };
  } catch (error) {
    return refused(error);
  } finally {
    await file?.close();
  }
}
