import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { Digest, SourceId } from '../../../shared/domain/ids.ts';
import {
  ALL_ROWS,
  delimiterOf,
  writingOf,
  type Writing,
  type ColumnGlance,
  type ColumnProfile,
  type ColumnSketch,
  type PreviewRow,
  type RowView,
  type SourceColumn,
} from '../../../shared/domain/source-file.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { columnCount } from '../cleaning/clean-sql.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { profileColumn } from './profile-column.ts';
import type { SourceRegistry } from './source-registry.ts';
import { sketchColumns } from './sketch-columns.ts';
import { SourceRows, type RowsOfSource } from './source-rows.ts';
import { stagedSummary, tableOf } from './source.ts';

/** Rows that columns are judged by when a mapping is suggested. */
const EXAMPLE_ROWS = 5;

/** A source whose every row is in the staging store. */
export interface StagedSource {
  readonly sourceId: SourceId;
  /** Its database's name in SQL. */
  readonly alias: string;
  readonly fileName: string;
  readonly digest: Digest;
  readonly rows: number;
  readonly columns: SourceColumn[];
  /** What was done to its rows. */
  readonly cleaning: readonly CleaningStep[];
  /** What its result files are written with. */
  readonly delimiter: string;
  readonly writing: Writing;
}

/** Everything that is read of sources once their rows are in the staging store. */
export class StagedSources {
  readonly #sources: Pick<SourceRegistry, 'get' | 'staged'>;
  readonly #staging: StagingClient;
  readonly #rows: SourceRows;

  constructor(sources: Pick<SourceRegistry, 'get' | 'staged'>, staging: StagingClient) {
    this.#sources = sources;
    this.#staging = staging;
    this.#rows = new SourceRows(staging);
  }

  /** Lets go of what was kept of a source's rows. */
  forget(sourceId: SourceId): void {
    this.#rows.forget(sourceId);
  }

  /** The staged source, or `SOURCE_NOT_STAGED` while it is still being read. */
  async facts(sourceId: SourceId): Promise<StagedSource> {
    const { state, fileName, columns, cleaning, parts } = stagedSummary(await this.#sources.staged(sourceId));
    return {
      sourceId,
      alias: sourceId,
      fileName,
      digest: state.digest,
      rows: state.rows,
      columns,
      cleaning,
      delimiter: delimiterOf(parts[0]?.format),
      writing: writingOf(parts[0]?.format),
    };
  }

  /** Writes the rows as they stand now to a CSV file of its own. Rows that could not be read keep their original text. */
  async write(sourceId: SourceId, path: string, signal: AbortSignal): Promise<{ rows: number }> {
    const { alias, columns, delimiter, writing } = await this.facts(sourceId);
    const { rows, removedRows } = stagedSummary(await this.#sources.staged(sourceId)).state;
    const cells = columns.map(({ index }) => `c${index}`).join(', ');
    return this.#staging.exportRows(
      {
        sql: `SELECT original, ${cells} FROM ${alias}.staged WHERE row_number > {after} AND row_number <= {upTo} ORDER BY row_number`,
        lastRow: rows + removedRows,
        lead: 0,
        header: columns.map(({ name }) => name),
        path,
        delimiter,
        writing,
        spreadsheetSafe: false,
      },
      signal,
    );
  }

  async #rowsOf(sourceId: SourceId): Promise<RowsOfSource> {
    const source = await this.#sources.staged(sourceId);
    const summary = stagedSummary(source);
    const { rows, removedRows, digest } = summary.state;
    return {
      table: tableOf(summary),
      steps: summary.cleaning,
      editedColumns: source.editedColumns,
      rows,
      hasGaps: removedRows > 0,
      revision: JSON.stringify([source.stagings, digest]),
      stepsRevision: JSON.stringify([source.stagings, summary.cleaning]),
    };
  }

  async page(
    sourceId: SourceId,
    view: RowView,
    offset: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ page: PreviewRow[]; rows: number }> {
    return this.#reading(sourceId, (rows) => this.#rows.page(rows, view, offset, limit, signal));
  }

  /** A few rows to judge columns by: as they stand once they are staged, before that as the file begins. */
  async firstRows(sourceId: SourceId, signal: AbortSignal): Promise<PreviewRow[]> {
    const { state, preview } = this.#sources.get(sourceId);
    if (state.kind !== 'staged') return preview.slice(0, EXAMPLE_ROWS);
    return (await this.page(sourceId, ALL_ROWS, 0, EXAMPLE_ROWS, signal)).page;
  }

  async glance(sourceId: SourceId, signal: AbortSignal): Promise<ColumnGlance[]> {
    return this.#reading(sourceId, (rows) => this.#rows.glance(rows, signal));
  }

  /** Of each column, in the order asked for, what its header shows. */
  async sketch(sourceId: SourceId, columns: readonly number[], signal: AbortSignal): Promise<ColumnSketch[]> {
    const { sketches } = await this.#sources.staged(sourceId);
    return this.#reading(sourceId, async (rows) => {
      for (const column of columns) refuseUnknown(rows, column);
      const known = new Map(sketches);
      const missing = columns.filter((column) => !known.has(column));
      const made = missing.length === 0 ? [] : await sketchColumns(this.#staging, rows, missing, signal);
      for (const sketch of made) known.set(sketch.column, sketch);
      if (await this.#isAsItWas(sourceId, rows)) for (const sketch of made) sketches.set(sketch.column, sketch);
      return columns.flatMap((column) => known.get(column) ?? []);
    });
  }

  async profile(sourceId: SourceId, column: number, signal: AbortSignal): Promise<ColumnProfile> {
    const { profiles } = await this.#sources.staged(sourceId);
    return this.#reading(sourceId, async (rows) => {
      refuseUnknown(rows, column);
      const known = profiles.get(column);
      if (known) return known;
      const profile = await profileColumn(this.#staging, rows, column, signal);
      if (await this.#isAsItWas(sourceId, rows)) profiles.set(column, profile);
      return profile;
    });
  }

  /** Reads a source's rows. That they went meanwhile, because their file is read anew, is `SOURCE_NOT_STAGED` and no fault. */
  async #reading<T>(sourceId: SourceId, read: (rows: RowsOfSource) => Promise<T>): Promise<T> {
    const rows = await this.#rowsOf(sourceId);
    try {
      return await read(rows);
    } catch (error) {
      if (await this.#isAsItWas(sourceId, rows)) throw error;
      throw new FailureError({ code: 'SOURCE_NOT_STAGED' });
    }
  }

  /** False if the rows changed while they were counted: what was counted is of no use to who asks next. */
  async #isAsItWas(sourceId: SourceId, { revision }: RowsOfSource): Promise<boolean> {
    return (await this.#rowsOf(sourceId)).revision === revision;
  }
}

function refuseUnknown({ table, steps }: RowsOfSource, column: number): void {
  if (column < columnCount(table, steps)) return;
  throw new FailureError({ code: 'BAD_REQUEST', where: 'column', problem: `no column ${column + 1}` });
}
