import type { Writing } from '../../../shared/domain/source-file.ts';
import type { StagingClient } from './staging-client.ts';
import { cell } from '../tables/tables.ts';

/** Rows of a file and what is told of them, to be written as a file that can be loaded again. */
export interface RowsFile {
  /** A table with a `row_number`, of the rows to write; `o` in the conditions and in `select`. */
  readonly told: string;
  /** The file's own rows; `s`. */
  readonly staged: string;
  readonly where: string;
  /** The names of the columns that come before the file's own, and what is in them. */
  readonly lead: readonly string[];
  readonly select: readonly string[];
  /** The file's own columns, by name. */
  readonly columns: readonly string[];
  readonly path: string;
  readonly delimiter: string;
  readonly writing: Writing;
  readonly spreadsheetSafe: boolean;
}

/**
 * Writes rows with all original columns, in file order, in the source's own delimiter, and in `writing`. Rows that could not be read
 * keep their original text. The spreadsheet-safe variant escapes formulas and is for reading, not for loading again.
 */
export async function writeRows(
  staging: StagingClient,
  file: RowsFile,
  signal: AbortSignal,
): Promise<{ rows: number }> {
  const { told, staged, columns, lead, path, delimiter, writing, spreadsheetSafe } = file;
  const previous = resultColumns(columns);
  const cells = columns.flatMap((_, index) => (previous.has(index) ? [] : [`s.${cell(index)}`]));
  // A row from an earlier error file still begins with that file's result columns; its text can't be kept and they dropped too.
  const original = previous.size > 0 ? 'NULL' : 's.original';
  const [last] = await staging.query(`SELECT coalesce(max(row_number), 0) AS row FROM ${told}`);
  const inRange = (table: string) => `${table}.row_number > {after} AND ${table}.row_number <= {upTo}`;
  return staging.exportRows(
    {
      sql: `SELECT ${[original, ...file.select, ...cells].join(', ')} FROM ${told} o JOIN ${staged} s USING (row_number)
        WHERE ${inRange('o')} AND ${inRange('s')} AND (${file.where}) ORDER BY o.row_number`,
      lastRow: Number(last?.['row'] ?? 0),
      lead: lead.length,
      header: [...lead, ...columns.filter((_, index) => !previous.has(index))],
      path,
      delimiter,
      writing,
      spreadsheetSafe,
    },
    signal,
  );
}

/** Result columns of a file that was itself an error file: the new one has its own. */
function resultColumns(columns: readonly string[]): Set<number> {
  return new Set(columns.flatMap((name, index) => (/^sf__(?:id|error|created)$/i.test(name) ? [index] : [])));
}
