import { columnsMadeBy, type CleaningStep, type TypedCell } from '../../../shared/domain/cleaning.ts';
import { Digest } from '../../../shared/domain/ids.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { columnCount, droppedTable, duplicateRows, editedRows, type RawTable } from '../cleaning/clean-sql.ts';
import { digestOf } from '../digest-of.ts';
import { quoteText } from '../tables/quote.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { fileNames, stagedSummary, tableOf, type Source } from './source.ts';

/** Keeps what stands of a source's rows (`<alias>.staged`) in step with its cleaning and its typed cells. */
export class SourceCleaning {
  readonly #staging: StagingClient;

  constructor(staging: StagingClient) {
    this.#staging = staging;
  }

  /** Works out which rows the steps take out. Typing over cells does not change it: that comes after all steps. */
  async findDuplicates(table: RawTable, steps: readonly CleaningStep[], signal: AbortSignal): Promise<void> {
    for (const [place, step] of steps.entries()) {
      if (step.kind !== 'remove-duplicates') continue;
      const before = steps.slice(0, place);
      await this.#staging.run(
        `CREATE OR REPLACE TABLE ${droppedTable(table, before)} AS ${duplicateRows(table, before)}`,
        signal,
      );
    }
  }

  /**
   * Puts the rows as they stand after cleaning and editing behind `<alias>.staged`, and counts them. It is quick and cannot be
   * called off: rows, steps and typed cells must agree afterwards.
   */
  async stand(source: Source, milliseconds: number): Promise<Partial<SourceSummary>> {
    const { summary } = source;
    if (!summary) throw new FailureError({ code: 'SOURCE_UNKNOWN' });
    const table = tableOf(summary);
    const { cleaning } = summary;
    const rows = editedRows(table, cleaning, source.editedColumns);
    await this.#staging.run(`CREATE OR REPLACE VIEW ${table.alias}.staged AS SELECT * EXCLUDE (rid) FROM (${rows})`);
    // Counted without a pass over the rows: every typed cell comes by here.
    const dropped = cleaning.flatMap((step, place) =>
      step.kind === 'remove-duplicates'
        ? [`(SELECT count(*) FROM ${droppedTable(table, cleaning.slice(0, place))})`]
        : [],
    );
    const bad = editedRows(table, cleaning, source.editedColumns, 'problem IS NOT NULL');
    const [counts] = await this.#staging.query(
      `SELECT (SELECT count(*) FROM ${table.alias}.raw) AS read, ${['0', ...dropped].join(' + ')} AS removed,
         (SELECT count(problem) FROM (${bad})) AS problems`,
    );
    const removedRows = Number(counts?.['removed'] ?? 0);
    const [edits] = await this.#staging.query(
      `SELECT count(*) AS n, coalesce(sum(hash(row_number, source_column, value)::HUGEINT), 0)::VARCHAR AS content FROM ${table.alias}.edited`,
    );
    source.profiles.clear();
    source.sketches.clear();
    const made = cleaning.flatMap(columnsMadeBy);
    const own = fileNames(summary);
    const untouched = cleaning.length === 0 && Number(edits?.['n']) === 0;
    const digest = untouched ? source.readDigest : digestOf([source.readDigest, cleaning, edits?.['content']]);
    return {
      columns: [...own, ...made].map((name, index) => ({ index, name })),
      editedCells: Number(edits?.['n'] ?? 0),
      state: {
        kind: 'staged',
        rows: Number(counts?.['read'] ?? 0) - removedRows,
        problemRows: Number(counts?.['problems'] ?? 0),
        removedRows,
        digest: Digest.parse(digest),
        milliseconds,
      },
    };
  }

  /** What was typed into columns that steps made goes with them: their places are others' now. */
  async dropEditsOfMoved(source: Source, steps: readonly CleaningStep[]): Promise<void> {
    const { sourceId, cleaning, fileColumns } = stagedSummary(source);
    const [before, after] = [cleaning.flatMap(columnsMadeBy), steps.flatMap(columnsMadeBy)];
    const first = before.findIndex((name, index) => name !== after[index]);
    if (first < 0 || source.editedColumns.every((column) => column < fileColumns + first)) return;
    await this.#staging.run(`DELETE FROM ${sourceId}.edited WHERE source_column >= ${fileColumns + first}`);
    source.editedColumns = source.editedColumns.filter((column) => column < fileColumns + first);
  }

  /** Lays cells over the rows, or takes them off. Throws `BAD_REQUEST` for a column that is not there. */
  async typeOver(source: Source, cells: readonly TypedCell[]): Promise<void> {
    const summary = stagedSummary(source);
    const { sourceId } = summary;
    const columns = columnCount(tableOf(summary), summary.cleaning);
    const outside = cells.find(({ column }) => column >= columns);
    if (outside)
      throw new FailureError({ code: 'BAD_REQUEST', where: 'cells', problem: `no column ${outside.column + 1}` });
    const edited = `${sourceId}.edited`;
    const places = cells.map(({ row, column }) => `(${row}, ${column})`).join(', ');
    if (places !== '')
      await this.#staging.run(`DELETE FROM ${edited} WHERE (row_number, source_column) IN (VALUES ${places})`);
    const typed = cells.flatMap(({ row, column, value }) =>
      value === null ? [] : [`(${row}, ${column}, ${quoteText(value.replaceAll('\0', ''))})`],
    );
    if (typed.length > 0) await this.#staging.run(`INSERT INTO ${edited} VALUES ${typed.join(', ')}`);
    const found = await this.#staging.query(`SELECT DISTINCT source_column AS c FROM ${edited} ORDER BY 1`);
    source.editedColumns = found.map(({ c }) => Number(c));
  }
}
