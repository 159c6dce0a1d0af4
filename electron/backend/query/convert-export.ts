import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { FailureError } from '../../../shared/contract/failure.ts';
import { SHEET_CELL, SHEET_ROWS, type ExportForm, type ExportFormat } from '../../../shared/domain/export.ts';
import { MARKED_UTF8, type Writing } from '../../../shared/domain/source-file.ts';
import { number } from '../../../shared/text/counts.ts';
import { diskFailure } from '../documents/durable-file.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { encoderOf, NotInEncoding } from '../staging/text-encoder.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import type { ColumnKind } from './column-types.ts';
import { cellXml, writeWorkbook } from './write-workbook.ts';

/** What records came as: a CSV file of Bulk API 2.0, in UTF-8, with every cell in quotes. */
export interface ExportedRows {
  readonly path: string;
  readonly folder: string;
  readonly columns: readonly string[];
  readonly kinds: readonly ColumnKind[];
  readonly records: number;
}

type Staging = Pick<StagingClient, 'copyInOrder' | 'query'>;
const PLAIN: Writing = { encoding: 'utf-8', mark: false };
/** Rows of a group of a Parquet file: of the usual 122,880 wide ones do not fit into the engine's memory. */
const PARQUET_ROWS = 20_000;

export function needsKinds(format: ExportFormat): boolean {
  return format !== 'csv';
}

/** The rows in the form that is wanted, and what text is written in where that can differ. Throws `NOT_SUPPORTED` for rows that a sheet has no room for. */
export async function convertExport(
  staging: Staging,
  rows: ExportedRows,
  form: ExportForm,
  signal: AbortSignal,
): Promise<{ path: string; writing: Writing | null }> {
  const out = join(rows.folder, `export.${form.format}`);
  switch (form.format) {
    case 'csv':
      return convertCsv(staging, rows, form, signal);
    case 'jsonl':
      await copyLines(staging, rows, jsonLine(rows), out, signal);
      return { path: out, writing: null };
    case 'parquet': {
      const columns = rows.kinds.map((kind, at) => `${parquetCell(at, kind)} AS ${quoteName(nameAt(rows, at))}`);
      await staging.copyInOrder(
        `COPY (SELECT ${columns.join(', ')} FROM ${readRows(rows)}) TO ${quoteText(out)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${PARQUET_ROWS})`,
        signal,
      );
      return { path: out, writing: null };
    }
    case 'xlsx': {
      await refuseTooLarge(staging, rows, signal);
      const sheet = join(rows.folder, 'sheet.xml');
      const cells = rows.kinds.map((kind, at) => cellXml(`p${at}`, kind));
      await copyLines(staging, rows, `'<row>' || ${cells.join(' || ')} || '</row>'`, sheet, signal);
      await writeWorkbook(sheet, rows.columns, out, signal);
      return { path: out, writing: null };
    }
  }
}

function nameAt({ columns }: ExportedRows, at: number): string {
  return columns[at] ?? '';
}

/** The rows as columns p0, p1, …, all of them text, blank for none. */
function readRows({ path, columns }: ExportedRows): string {
  const texts = columns.map((_, at) => `coalesce(p${at}, '') AS p${at}`);
  return `(SELECT ${texts.join(', ')} FROM read_csv([${quoteText(path)}],
    columns = {${columns.map((_, at) => `'p${at}': 'VARCHAR'`).join(', ')}}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
    new_line = '\\n', buffer_size = 4194304, max_line_size = 2097152))`;
}

/** Writes a line for each row, just as it is: nothing in it is quoted. */
async function copyLines(
  staging: Staging,
  rows: ExportedRows,
  line: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  await staging.copyInOrder(
    `COPY (SELECT ${line} FROM ${readRows(rows)}) TO ${quoteText(path)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '')`,
    signal,
  );
}

/** Numbers keep every digit that the org wrote: they are not read. */
function jsonLine(rows: ExportedRows): string {
  const members = rows.kinds.map((kind, at) => {
    const isBare = kind === 'number' || kind === 'whole' || kind === 'boolean';
    const value = isBare ? `p${at}` : `CAST(to_json(p${at}) AS VARCHAR)`;
    const key = quoteText(`${at === 0 ? '{' : ','}${JSON.stringify(nameAt(rows, at))}:`);
    return `${key} || CASE WHEN p${at} = '' THEN 'null' ELSE ${value} END`;
  });
  return `${members.join(' || ')} || '}'`;
}

const PARQUET_TYPES: Readonly<Record<ColumnKind, string>> = {
  text: 'VARCHAR',
  number: 'DOUBLE',
  whole: 'BIGINT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  moment: 'TIMESTAMPTZ',
};

function parquetCell(at: number, kind: ColumnKind): string {
  return `CAST(nullif(p${at}, '') AS ${PARQUET_TYPES[kind]})`;
}

async function refuseTooLarge(staging: Staging, rows: ExportedRows, signal: AbortSignal): Promise<void> {
  if (rows.records >= SHEET_ROWS)
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: `A sheet with ${number(rows.records)} records`,
      instead: `A sheet has ${number(SHEET_ROWS)} rows at most, one of them the header. Choose CSV or Parquet, or set a limit.`,
    });
  const longest = rows.columns.map((_, at) => `max(length(p${at}))`);
  const [found] = await staging.query(
    `SELECT greatest(0, ${longest.join(', ')}) AS longest FROM ${readRows(rows)}`,
    [],
    signal,
  );
  if (Number(found?.['longest'] ?? 0) > SHEET_CELL)
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: `A cell with ${number(Number(found?.['longest']))} characters`,
      instead: `A cell of a sheet has ${number(SHEET_CELL)} at most. Choose CSV, JSON Lines, or Parquet.`,
    });
}

async function convertCsv(
  staging: Staging,
  rows: ExportedRows,
  { delimiter = ',', writing = PLAIN }: Extract<ExportForm, { format: 'csv' }>,
  signal: AbortSignal,
): Promise<{ path: string; writing: Writing }> {
  let { path } = rows;
  if (delimiter !== ',') {
    path = join(rows.folder, 'delimited.csv');
    const columns = rows.columns.map((name, at) => `p${at} AS ${quoteName(name)}`);
    await staging.copyInOrder(
      `COPY (SELECT ${columns.join(', ')} FROM ${readRows(rows)}) TO ${quoteText(path)} (FORMAT csv, HEADER true, DELIMITER ${quoteText(delimiter)}, FORCE_QUOTE *)`,
      signal,
    );
  }
  if (writing.encoding === 'utf-8' && !writing.mark) return { path, writing };
  const encoded = join(rows.folder, 'encoded.csv');
  try {
    await encodeFile(path, encoded, writing, signal);
    return { path: encoded, writing };
  } catch (error) {
    // As other files that an encoding has no room for.
    if (!(error instanceof NotInEncoding)) throw error;
    await encodeFile(path, encoded, MARKED_UTF8, signal);
    return { path: encoded, writing: MARKED_UTF8 };
  }
}

async function encodeFile(from: string, to: string, writing: Writing, signal: AbortSignal): Promise<void> {
  const encode = encoderOf(writing);
  const file = await open(to, 'w', 0o600).catch((error: unknown) => {
    throw diskFailure(error, 'the exported file');
  });
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  try {
    await file.write(encode.mark);
    for await (const chunk of createReadStream(from, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
      await file.write(encode.text(decoder.decode(chunk, { stream: true })));
    }
  } catch (error) {
    if (error instanceof NotInEncoding) throw error;
    throw diskFailure(error, 'the exported file');
  } finally {
    await file.close();
  }
}

/** The names in the first line of a file of results. */
export async function headerOfFile(path: string): Promise<string[]> {
  let text = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  const [header = []] = Papa.parse<string[]>(text.split('\n', 1)[0] ?? '', { delimiter: ',', quoteChar: '"' }).data;
  return header;
}
