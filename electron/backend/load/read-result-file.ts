import { createReadStream } from 'node:fs';
import { FailureError } from '../../../shared/contract/failure.ts';
import { bulkHeader, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { resultText } from '../tables/tables.ts';
import { CsvScan, type CsvFacts } from './csv-scan.ts';
import type { ResultFile } from './ingest-job-client.ts';

/** What Salesforce puts before the columns of the upload (Bulk API 2.0 guide, "Get Job Successful Record Results" and its neighbours). */
const LEAD: Record<ResultFile, readonly string[]> = {
  successfulResults: ['sf__Id', 'sf__Created'],
  failedResults: ['sf__Id', 'sf__Error'],
  unprocessedrecords: [],
};

/** Read at a time; between two of them others have their turn. */
const PIECE = 256 * 1024;

/**
 * A record has at most 400,000 characters and 5,000 fields (Salesforce Developer Limits): 1.2 MB in UTF-8, and less than as
 * much again for quotes and the error. DuckDB wants its buffer a few times as large.
 */
const MAX_RECORD_BYTES = 2 * 1024 * 1024;
const BUFFER_BYTES = 4 * MAX_RECORD_BYTES;

/**
 * Adds one result file of a job to `table` (see `resultShape`), all of its rows or none, and of what was sent the columns `kept`. Returns how many rows it has, or null if it
 * is no such file of this upload: no CSV, cut off, or of other columns. Its header holds the upload's own cells and may be
 * in any order and case; a job without rows of a kind may have a body without a header, or none.
 */
export async function readResultFile(
  staging: StagingSql,
  table: string,
  { sent, kept }: { sent: readonly MappedColumn[]; kept: readonly MappedColumn[] },
  kind: ResultFile,
  path: string,
  signal: AbortSignal,
): Promise<number | null> {
  const facts = await scanResultFile(path, signal);
  if (facts === null) return null;
  if (facts.records === 0 && isHeaderOfNoUpload(facts.header, kind)) return 0;
  const names = columnNames(facts.header, kind, sent);
  if (names === null) return null;
  if (facts.records === 0) return 0;
  const texts = ['id', 'detail', ...kept.map(({ column }) => resultText(column))];
  const select = texts.map((name) => (names.includes(name) ? `coalesce(${name}, '')` : "''"));
  await staging.run(
    `INSERT INTO ${table} SELECT ${quoteText(kind)}, ${select.join(', ')}
     FROM read_csv(${quoteText(path)}, columns = {${names.map((name) => `'${name}': 'VARCHAR'`).join(', ')}}, auto_detect = false, header = true,
       delim = ',', quote = '"', escape = '"', new_line = '${facts.lineEnd === '\n' ? '\\n' : '\\r\\n'}', parallel = false,
       buffer_size = ${BUFFER_BYTES}, max_line_size = ${MAX_RECORD_BYTES})`,
  );
  const [read] = await staging.query(`SELECT count(*) AS n FROM ${table} WHERE file = ?`, [kind]);
  if (Number(read?.['n']) !== facts.records)
    throw new Error(`${kind} has ${facts.records} records and ${String(read?.['n'])} were read`);
  return facts.records;
}

/** What a result file is as CSV; null if it is none. */
export async function scanResultFile(path: string, signal: AbortSignal): Promise<CsvFacts | null> {
  const found = new CsvScan();
  for await (const piece of createReadStream(path, { highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
    if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
    found.push(piece);
  }
  return found.end();
}

/** Of a job that was aborted before its upload was read the org knows no columns, or says nothing at all. */
function isHeaderOfNoUpload(header: readonly string[], kind: ResultFile): boolean {
  const lead = LEAD[kind].map((name) => name.toLowerCase());
  const names = header.map((name) => name.toLowerCase());
  return names.length === 0 || (lead.length > 0 && names.join() === lead.join());
}

/** The names that the columns have in the table, in the file's order, or null if they are not those of the upload. */
function columnNames(header: readonly string[], kind: ResultFile, sent: readonly MappedColumn[]): string[] | null {
  const known = new Map<string, string>();
  for (const [place, name] of LEAD[kind].entries()) known.set(name.toLowerCase(), place === 0 ? 'id' : 'detail');
  for (const { column, target } of sent) known.set(bulkHeader(target).toLowerCase(), resultText(column));
  const names = header.map((name) => known.get(name.toLowerCase()));
  const all = new Set(names);
  if (all.has(undefined) || all.size !== header.length || all.size !== known.size) return null;
  return names.filter((name) => name !== undefined);
}
