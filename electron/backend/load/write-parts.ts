import { createHash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { bulkHeader, sentColumns, type FieldMapping, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { BATCH_BYTES, BATCH_ROWS } from '../../../shared/domain/load-forecast.ts';
import type { LoadWay } from '../../../shared/domain/load-way.ts';
import { Digest, type PlanId } from '../../../shared/domain/ids.ts';
import { diskFailure, syncFolder } from '../documents/durable-file.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { createTable, RESENT, tablesOf, type Step, type Tables } from '../tables/tables.ts';
import { CsvScan } from './csv-scan.ts';
import { cellSql, divideRows } from './divide-rows.ts';

/** What could not be written, in a sentence (`shared/text/failure-text.ts`). */
const WHAT = 'the rows to upload';

/** More rows than any file has. */
const MOST_ROWS = 2 ** 40;

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
  /** How it is sent, where that is not the load's own way. */
  readonly way?: LoadWay | undefined;
  /** Parts of one turn may be worked on at the same time (`PartSize`); one without a turn is worked on by itself. */
  readonly turn?: number | undefined;
}

/** Which rows are written. */
export interface WhichParts {
  readonly step: 'first' | 'second';
  /** How they will go: of rows that go as collections no file is written. */
  readonly way: LoadWay;
  /** The number of the last part there is. */
  readonly after: number;
  /** What is sent of rows that update records by Id whatever the rest does, and which these are, as SQL over `planned`; null where there are none. */
  readonly decided: { readonly mapping: FieldMapping; readonly which: string } | null;
  /** Of the object, so that rows of one parent come after one another; null leaves them in the file's order. */
  readonly describe: SObjectDescribe | null;
}

export function partFile(folder: string, part: number): string {
  return join(folder, `part-${part}.csv`);
}

/**
 * Divides the rows to send into parts that each fit one job, in `submission`, those of one parent after one another and otherwise in the
 * file's order (and in that alone where they go by Bulk API 1.0), as many rows to a part as there is room for, and writes each part as Bulk API CSV: UTF-8, API names, RFC 4180 quotes, split between records. A row
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
  { step, way, after, decided, describe }: WhichParts = {
    step: 'first',
    way: 'bulk',
    after: 0,
    decided: null,
    describe: null,
  },
): Promise<WrittenPart[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(refused);
  const columns = {
    own: sentColumns(mapping),
    decided: decided && { columns: sentColumns(decided.mapping), which: decided.which },
  };
  const tables = tablesOf(planId, step);
  const isInOrder = way === 'bulk-1';
  const room = isInOrder
    ? { bytes: Math.min(jobBytes, BATCH_BYTES), rows: BATCH_ROWS }
    : { bytes: jobBytes, rows: MOST_ROWS };
  const order = isInOrder ? null : describe;
  const sizes = await divideRows(staging, tables, { ...columns, describe: order }, room, after);
  const parts: WrittenPart[] = [];
  // Rows that a second step changes name rows of the same object, which it locks as well.
  const haveTurns = way === 'bulk' && step === 'first';
  for (const [index, { rows, isDecided, turn }] of sizes.entries()) {
    const sentOf = (isDecided ? columns.decided?.columns : null) ?? columns.own;
    const sending = { way, columns: sentOf };
    const written = await writePart(staging, tables, sending, folder, after + index + 1, rows);
    parts.push({ ...written, ...(isDecided ? { of: 'decided' } : {}), ...(haveTurns ? { turn } : {}) });
  }
  await syncFolder(folder).catch(refused);
  return parts;
}

async function writePart(
  staging: StagingSql,
  tables: Tables,
  { way, columns }: { readonly way: LoadWay; readonly columns: readonly MappedColumn[] },
  folder: string,
  part: number,
  rows: number,
): Promise<WrittenPart> {
  if (way === 'collections') return { part, rows, bytes: 0, sha256: OF_NOTHING };
  const path = partFile(folder, part);
  await makeFile(path);
  await staging.run(copyPart(tables, columns, part, path));
  return settle(path, part, rows);
}

/** Rows that are sent once more, as a further part. */
export interface AnotherPart {
  readonly part: number;
  /** Their numbers, as `row_number`. They belong to this part from now on. */
  readonly rowsSql: string;
  readonly way: LoadWay;
}

/**
 * Writes one more part, of rows that were sent before and failed. null if there are none. They fit one job: a part holds them all already,
 * or parts of the same size do. Where a row was before is kept (`takeBackParts`).
 */
export async function writePartAgain(
  staging: StagingSql,
  { planId, mapping, step = 'first' }: Pick<PlannedMapping, 'planId' | 'mapping' | 'step'>,
  folder: string,
  { part, rowsSql, way }: AnotherPart,
): Promise<WrittenPart | null> {
  const tables = tablesOf(planId, step);
  const { submission, resent } = tables;
  await staging.run(
    `${createTable(resent, RESENT, 'keep')}; DELETE FROM ${resent} WHERE part = ${part};
     INSERT INTO ${resent} SELECT row_number, ${part}, part FROM ${submission} SEMI JOIN (${rowsSql}) USING (row_number);
     UPDATE ${submission} SET part = ${part} WHERE row_number IN (SELECT row_number FROM ${resent} WHERE part = ${part})`,
  );
  const [found] = await staging.query(`SELECT count(*) AS n FROM ${submission} WHERE part = ${part}`);
  const rows = Number(found?.['n']);
  if (rows === 0) return null;
  const written = await writePart(staging, tables, { way, columns: sentColumns(mapping) }, folder, part, rows);
  await syncFolder(folder).catch(refused);
  return written;
}

/** Has rows belong to the part again that they were in, where they went into one that the journal does not know: a kill came between. */
export async function takeBackParts(
  staging: StagingSql,
  planId: PlanId,
  step: Step,
  known: readonly number[],
): Promise<void> {
  const { submission, resent } = tablesOf(planId, step);
  await staging.run(
    `${createTable(resent, RESENT, 'keep')};
     UPDATE ${submission} SET part = r.before FROM ${resent} r
     WHERE r.row_number = ${submission}.row_number AND r.part = ${submission}.part AND r.part NOT IN (${known.join(', ') || '0'})`,
  );
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
  return `COPY (SELECT ${select.join(', ')} FROM ${submission} s JOIN ${mapped} m USING (row_number) WHERE s.part = ${part} ORDER BY s.nth)
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
