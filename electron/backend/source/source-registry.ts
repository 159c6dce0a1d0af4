import { createHash } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { CleaningPreview, CleaningStep } from '../../../shared/domain/cleaning.ts';
import { Digest, SourceId } from '../../../shared/domain/ids.ts';
import {
  ALL_ROWS,
  SourceChoice,
  SourceSummary,
  type ColumnGlance,
  type ColumnProfile,
  type PreviewRow,
  type RowView,
  type SourceColumn,
  type SourceNotice,
} from '../../../shared/domain/source-file.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { columnCount } from '../cleaning/clean-sql.ts';
import { checkSteps, previewCleaning } from '../cleaning/preview-cleaning.ts';
import { SavedCleaning } from '../cleaning/saved-cleaning.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { fileUnreadable, openPart, type Arriving, type OpenedPart } from './open-part.ts';
import { profileColumn } from './profile-column.ts';
import { SourceCleaning, type TypedCell } from './source-cleaning.ts';
import { SourceRows, type RowsOfSource } from './source-rows.ts';
import {
  columnsOf,
  fileNames,
  noticesAtEnd,
  refuseOtherShapes,
  sameNames,
  stagedSummary,
  tableOf,
  toPreviewRow,
  type OwnFile,
  type Source,
} from './source.ts';
import { sweepFolder } from './sweep-folder.ts';
import { WatchedFiles } from './watched-files.ts';

const PREVIEW_ROWS = 100;
const EXAMPLE_ROWS = 5;
const RECENT_SOURCES = 12;
const SETTINGS_KEY = 'sources';
/** Between two reports of progress, in milliseconds: as often as a person can follow. */
const REPORT_EVERY = 150;

const StoredFile = z.object({ path: z.string(), fileName: z.string(), owned: z.boolean(), modifiedAt: z.number() });
const Remembered = z.object({
  summary: SourceSummary,
  files: z.array(StoredFile),
  choice: SourceChoice,
  readDigest: z.string(),
  editedColumns: z.array(z.number()),
});

/** What a host knows of a file that is not the person's own but a copy of ours. */
export interface OwnedCopy {
  readonly fileName: string;
  readonly arriving: Arriving | null;
}

/** A source whose every row is in the staging store. */
export interface StagedSource {
  readonly sourceId: SourceId;
  /** Its database's name in SQL. */
  readonly alias: string;
  readonly fileName: string;
  readonly digest: Digest;
  readonly rows: number;
  readonly columns: SourceColumn[];
  /** What its result files are written with. */
  readonly delimiter: string;
}

type SourcePorts = Pick<BackendPorts, 'paths' | 'random' | 'clock' | 'settings' | 'log'>;

/** The files she handed over, by opaque id: what was found in each, its first rows, and all its rows once staged. */
export class SourceRegistry {
  readonly #ports: SourcePorts;
  readonly #staging: StagingClient;
  readonly #changed: (source: SourceSummary) => void;
  readonly #sources = new Map<SourceId, Source>();
  readonly #rows: SourceRows;
  readonly #cleaning: SourceCleaning;
  readonly #savedCleaning: SavedCleaning;
  readonly #watched: WatchedFiles<SourceId>;

  constructor(ports: SourcePorts, staging: StagingClient, changed: (source: SourceSummary) => void) {
    this.#ports = ports;
    this.#staging = staging;
    this.#changed = changed;
    this.#rows = new SourceRows(staging);
    this.#cleaning = new SourceCleaning(staging);
    this.#savedCleaning = new SavedCleaning(ports.settings);
    this.#watched = new WatchedFiles((sourceId) => void this.#lookAgain(sourceId));
    void sweepFolder(this.#folder, (name) => [...this.#sources.keys()].some((known) => name.startsWith(known)), ports);
    const remembered = z.array(Remembered).safeParse(ports.settings.get(SETTINGS_KEY));
    for (const { summary, files, choice, readDigest, editedColumns } of remembered.success ? remembered.data : []) {
      const known = files.map((file) => ({ ...file, arriving: null }));
      const idle = { staging: null, ended: Promise.resolve(), profiles: new Map<number, ColumnProfile>() };
      const source: Source = { files: known, choice, summary, readDigest, editedColumns, ...idle };
      this.#sources.set(summary.sourceId, source);
      this.#watch(summary.sourceId, source);
    }
  }

  /** Takes files from a drop, a chooser or an upload. Throws `FILE_IS_FOLDER`, `FILE_UNREADABLE`. */
  async handOver(paths: readonly string[], copy: OwnedCopy | null = null): Promise<SourceId> {
    if (paths.length === 0) throw new FailureError({ code: 'SOURCE_UNKNOWN' });
    const files: OwnFile[] = [];
    for (const path of paths) files.push(await this.#fileAt(path, copy));
    const sourceId = SourceId.parse(`src_${this.#ports.random.token(16)}`);
    this.#sources.set(sourceId, {
      files,
      choice: {},
      summary: null,
      staging: null,
      ended: Promise.resolve(),
      readDigest: '',
      editedColumns: [],
      profiles: new Map(),
    });
    return sourceId;
  }

  /** Adds a file to those of a source that is not open yet: uploads come one by one. */
  async addFile(sourceId: SourceId, path: string, copy: OwnedCopy): Promise<void> {
    const source = this.#source(sourceId);
    if (source.summary) throw new FailureError({ code: 'SOURCE_UNKNOWN' });
    source.files.push(await this.#fileAt(path, copy));
  }

  async #fileAt(path: string, copy: OwnedCopy | null): Promise<OwnFile> {
    const fileName = copy?.fileName ?? basename(path);
    const facts = await stat(path).catch((error: unknown) => fileUnreadable(fileName, error));
    if (facts.isDirectory()) throw new FailureError({ code: 'FILE_IS_FOLDER' });
    return { path, fileName, arriving: copy?.arriving ?? null, owned: copy !== null, modifiedAt: 0 };
  }

  #source(sourceId: SourceId): Source {
    const source = this.#sources.get(sourceId);
    if (!source) throw new FailureError({ code: 'SOURCE_UNKNOWN' });
    return source;
  }

  get(sourceId: SourceId): SourceSummary {
    const { summary } = this.#source(sourceId);
    if (!summary) throw new FailureError({ code: 'SOURCE_UNKNOWN' });
    return summary;
  }

  recent(): SourceSummary[] {
    const latest = new Map<string, SourceSummary>();
    // A file that was dropped again is one file: the last reading of it stands for all.
    for (const { summary, files } of this.#sources.values()) {
      if (summary?.state.kind === 'staged') latest.set(JSON.stringify(files.map(({ path }) => path)), summary);
    }
    return [...latest.values()].reverse();
  }

  /**
   * Judges the files by their heads, gives the first rows, and begins staging the rest in the background. Without a choice
   * a source that was read before is read as it was then, and not again if its files are as they were.
   */
  async open(sourceId: SourceId, choice: SourceChoice | null, signal: AbortSignal): Promise<SourceSummary> {
    const source = this.#source(sourceId);
    const before = source.summary;
    if (choice === null && before?.state.kind === 'staged' && !(await this.#hasChanged(source))) return before;
    source.staging?.abort();
    source.choice = choice ?? source.choice;
    const parts: OpenedPart[] = [];
    for (const file of source.files) parts.push(await openPart(file, source.choice, signal));
    refuseOtherShapes(source.files, parts);
    const [first] = parts;
    if (!first) throw new FailureError({ code: 'SOURCE_UNKNOWN' });
    source.files.forEach((file, index) => (file.modifiedAt = parts[index]?.modifiedAt ?? 0));
    const names = columnsOf(parts);
    const sameColumns = before !== null && sameNames(fileNames(before), names);
    const kept = before === null ? this.#savedCleaning.find(names) : [];
    const notices: SourceNotice[] = [...first.notices];
    if (parts.length > 1) notices.unshift({ code: 'FILES_AS_ONE', files: parts.length });
    if (before && choice === null) notices.unshift({ code: 'FILE_CHANGED' });
    if (before && before.editedCells > 0) notices.unshift({ code: 'EDITS_DROPPED', cells: before.editedCells });
    if (kept.length > 0) notices.unshift({ code: 'CLEANING_KEPT', steps: kept.length });
    const now = this.#ports.clock.now();
    const more = parts.length > 1 ? ` and ${parts.length - 1} more` : '';
    source.editedColumns = [];
    source.summary = {
      sourceId,
      fileName: `${source.files[0]?.fileName ?? ''}${more}`,
      byteLength: parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
      parts: parts.map(({ byteLength, format }, index) => ({
        fileName: source.files[index]?.fileName ?? '',
        byteLength,
        format,
      })),
      columns: names.map((name, index) => ({ index, name })),
      fileColumns: names.length,
      notices,
      preview: first.records.slice(0, PREVIEW_ROWS).map((record, at) => toPreviewRow(record, at + 1, names.length)),
      // Row numbers may stand for other rows now; what a step says of columns still holds if they are the same.
      cleaning: before ? (sameColumns ? before.cleaning : []) : kept,
      editedCells: 0,
      changedOnDisk: false,
      state: { kind: 'staging', rows: 0, bytesRead: 0, startedAt: now, at: now },
    };
    const { signal: stopped } = (source.staging = new AbortController());
    // One that is called off must have let go of the tables before the next one makes them anew.
    source.ended = source.ended.then(() => this.#stage(sourceId, source, stopped));
    return source.summary;
  }

  async #stage(sourceId: SourceId, source: Source, signal: AbortSignal): Promise<void> {
    const opened = source.summary;
    if (opened?.state.kind !== 'staging' || signal.aborted) return;
    const { startedAt } = opened.state;
    const update = (change: Partial<SourceSummary>) => {
      // A later opening with other settings has taken this one's place.
      if (signal.aborted || !source.summary) return;
      source.summary = { ...source.summary, ...change };
      this.#changed(source.summary);
    };
    try {
      await this.#attach(sourceId);
      for (const { arriving } of source.files) await arriving?.complete;
      let reported = 0;
      const result = await this.#staging.stageSource(
        {
          alias: sourceId,
          parts: opened.parts.map(({ fileName, format }, index) => ({
            path: source.files[index]?.path ?? '',
            fileName,
            format,
          })),
          columns: opened.columns.map(({ name }) => name),
          slicePath: join(this.#folder, `${sourceId}.slice`),
        },
        signal,
        ({ rows, bytes }) => {
          const at = this.#ports.clock.now();
          if (at - reported < REPORT_EVERY) return;
          reported = at;
          update({ state: { kind: 'staging', rows, bytesRead: bytes, startedAt, at } });
        },
      );
      if (result.rows === 0)
        throw new FailureError({
          code: 'FILE_HEADER_ONLY',
          fileName: opened.fileName,
          columns: opened.columns.length,
        });
      // The same bytes read in another way are other rows.
      source.readDigest = createHash('sha256')
        .update(JSON.stringify([result.digest, opened.parts.map(({ format }) => format)]))
        .digest('hex');
      this.#rows.forget(sourceId);
      await this.#staging.run(
        `CREATE OR REPLACE TABLE ${sourceId}.edited (row_number INTEGER, source_column INTEGER, value VARCHAR)`,
      );
      update({
        columns: result.columns.map((name, index) => ({ index, name })),
        fileColumns: result.columns.length,
        notices: noticesAtEnd(opened.notices, result.notices, result.blankLines),
      });
      const milliseconds = this.#ports.clock.now() - startedAt;
      const cleaned = await this.#cleaning.stand(source, signal, milliseconds).catch(async (error: unknown) => {
        // Steps of another file that this one cannot take must not keep it from being read.
        if (!(error instanceof FailureError) || error.failure.code !== 'CLEANING_REFUSED') throw error;
        update({ cleaning: [] });
        return this.#cleaning.stand(source, signal, milliseconds);
      });
      update(cleaned);
      if (signal.aborted) return;
      await this.#remember();
      this.#watch(sourceId, source);
    } catch (error) {
      if (signal.aborted) return;
      update({ state: { kind: 'refused', failure: this.#failureOf(error, opened.fileName) } });
    }
  }

  #failureOf(error: unknown, fileName: string): Failure {
    if (error instanceof FailureError) return error.failure;
    this.#ports.log.error('staging failed', error);
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'the staging engine stopped';
    return { code: 'FILE_UNREADABLE', fileName, reason };
  }

  async #change(
    sourceId: SourceId,
    source: Source,
    cleaning: CleaningStep[],
    signal: AbortSignal,
  ): Promise<SourceSummary> {
    const before = stagedSummary(source);
    source.summary = { ...before, cleaning };
    try {
      source.summary = {
        ...source.summary,
        ...(await this.#cleaning.stand(source, signal, before.state.milliseconds)),
      };
    } catch (error) {
      source.summary = before;
      throw error;
    }
    this.#changed(source.summary);
    await this.#remember();
    return this.get(sourceId);
  }

  /** Takes these steps in place of those before. Throws `CLEANING_REFUSED`. */
  async clean(sourceId: SourceId, steps: CleaningStep[], signal: AbortSignal): Promise<SourceSummary> {
    const source = this.#source(sourceId);
    const { fileColumns } = stagedSummary(source);
    await this.#attach(sourceId);
    await checkSteps(this.#staging, { alias: sourceId, fileColumns }, steps);
    await this.#cleaning.dropEditsOfMoved(source, steps);
    return this.#change(sourceId, source, steps, signal);
  }

  async previewCleaning(sourceId: SourceId, step: CleaningStep, signal: AbortSignal): Promise<CleaningPreview> {
    const summary = stagedSummary(this.#source(sourceId));
    await this.#attach(sourceId);
    const names = summary.columns.map(({ name, index }) => name || `Column ${index + 1}`);
    return previewCleaning(this.#staging, tableOf(summary), summary.cleaning, step, names, signal);
  }

  /** Types over cells; null gives a cell back what it was. */
  async edit(sourceId: SourceId, cells: readonly TypedCell[], signal: AbortSignal): Promise<SourceSummary> {
    const source = this.#source(sourceId);
    const summary = stagedSummary(source);
    await this.#attach(sourceId);
    await this.#cleaning.typeOver(source, cells);
    return this.#change(sourceId, source, summary.cleaning, signal);
  }

  /** Writes the rows as they stand now to a CSV file of its own. Rows that could not be read keep their original text. */
  async write(sourceId: SourceId, path: string, signal: AbortSignal): Promise<{ rows: number }> {
    const { alias, columns, delimiter } = await this.staged(sourceId);
    const cells = columns.map(({ index }) => `c${index}`).join(', ');
    return this.#staging.exportRows(
      {
        sql: `SELECT original, ${cells} FROM ${alias}.staged ORDER BY row_number`,
        lead: 0,
        header: columns.map(({ name }) => name),
        path,
        delimiter,
        spreadsheetSafe: false,
      },
      signal,
    );
  }

  /** Keeps the cleaning for the next file with these headers. */
  keepCleaning(sourceId: SourceId): void {
    const summary = this.get(sourceId);
    this.#savedCleaning.save(fileNames(summary), summary.cleaning);
  }

  /** Ends a staging that she no longer wants to wait for. */
  stop(sourceId: SourceId): void {
    const source = this.#source(sourceId);
    if (source.summary?.state.kind !== 'staging') return;
    source.staging?.abort();
    source.summary = { ...source.summary, state: { kind: 'refused', failure: { code: 'CANCELLED' } } };
    this.#changed(source.summary);
  }

  get #folder(): string {
    return join(this.#ports.paths.data, 'sources');
  }

  async #attach(sourceId: SourceId): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#staging.attach(sourceId, join(this.#folder, `${sourceId}.duckdb`));
  }

  async #hasChanged(source: Source): Promise<boolean> {
    for (const [index, file] of source.files.entries()) {
      if (file.owned) continue;
      const facts = await stat(file.path).catch(() => null);
      const size = source.summary?.parts[index]?.byteLength;
      // A file that is gone is told of when it is read again.
      if (facts === null || facts.size !== size || Math.round(facts.mtimeMs) !== file.modifiedAt) return true;
    }
    return false;
  }

  async #lookAgain(sourceId: SourceId): Promise<void> {
    const source = this.#sources.get(sourceId);
    if (source?.summary?.state.kind !== 'staged') return;
    const changedOnDisk = await this.#hasChanged(source);
    if (source.summary.changedOnDisk === changedOnDisk) return;
    source.summary = { ...source.summary, changedOnDisk };
    this.#changed(source.summary);
  }

  #watch(sourceId: SourceId, source: Source): void {
    this.#watched.watch(
      sourceId,
      source.files.flatMap(({ path, owned }) => (owned ? [] : [path])),
    );
    void this.#lookAgain(sourceId);
  }

  async #remember(): Promise<void> {
    const staged = [...this.#sources.entries()].filter(([, source]) => source.summary?.state.kind === 'staged');
    for (const [sourceId] of staged.slice(0, -RECENT_SOURCES)) await this.forget(sourceId);
    this.#ports.settings.set(
      SETTINGS_KEY,
      [...this.#sources.values()].flatMap(({ summary, files, choice, readDigest, editedColumns }) =>
        summary?.state.kind === 'staged'
          ? [
              {
                summary: { ...summary, preview: summary.preview.slice(0, 5) },
                files: files.map(({ path, fileName, owned, modifiedAt }) => ({ path, fileName, owned, modifiedAt })),
                choice,
                readDigest,
                editedColumns,
              },
            ]
          : [],
      ),
    );
  }

  /** The staged source, or `SOURCE_NOT_STAGED` while it is still being read. */
  async staged(sourceId: SourceId): Promise<StagedSource> {
    const { state, fileName, columns, parts } = stagedSummary(this.#source(sourceId));
    await this.#attach(sourceId);
    const format = parts[0]?.format;
    return {
      sourceId,
      alias: sourceId,
      fileName,
      digest: state.digest,
      rows: state.rows,
      columns,
      delimiter: format?.kind === 'delimited' ? format.delimiter : ',',
    };
  }

  async #rowsOf(sourceId: SourceId): Promise<RowsOfSource> {
    const source = this.#source(sourceId);
    const summary = stagedSummary(source);
    await this.#attach(sourceId);
    const { rows, removedRows, digest } = summary.state;
    return {
      table: tableOf(summary),
      steps: summary.cleaning,
      editedColumns: source.editedColumns,
      rows,
      hasGaps: removedRows > 0,
      revision: digest,
      stepsRevision: JSON.stringify([source.readDigest, summary.cleaning]),
    };
  }

  async page(
    sourceId: SourceId,
    view: RowView,
    offset: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ page: PreviewRow[]; rows: number }> {
    return this.#rows.page(await this.#rowsOf(sourceId), view, offset, limit, signal);
  }

  /** A few rows to judge columns by: as they stand once they are staged, before that as the file begins. */
  async firstRows(sourceId: SourceId, signal: AbortSignal): Promise<PreviewRow[]> {
    const { state, preview } = this.get(sourceId);
    if (state.kind !== 'staged') return preview.slice(0, EXAMPLE_ROWS);
    return (await this.page(sourceId, ALL_ROWS, 0, EXAMPLE_ROWS, signal)).page;
  }

  async glance(sourceId: SourceId, signal: AbortSignal): Promise<ColumnGlance[]> {
    return this.#rows.glance(await this.#rowsOf(sourceId), signal);
  }

  async profile(sourceId: SourceId, column: number, signal: AbortSignal): Promise<ColumnProfile> {
    const { profiles } = this.#source(sourceId);
    const rows = await this.#rowsOf(sourceId);
    if (column >= columnCount(rows.table, rows.steps))
      throw new FailureError({ code: 'BAD_REQUEST', where: 'column', problem: `no column ${column + 1}` });
    const known = profiles.get(column);
    if (known) return known;
    const profile = await profileColumn(this.#staging, rows, column, signal);
    // Unless the rows changed while they were counted.
    if ((await this.#rowsOf(sourceId)).revision === rows.revision) profiles.set(column, profile);
    return profile;
  }

  async forget(sourceId: SourceId): Promise<void> {
    const source = this.#source(sourceId);
    source.staging?.abort();
    this.#watched.unwatch(sourceId);
    this.#rows.forget(sourceId);
    this.#sources.delete(sourceId);
    await source.ended;
    await this.#staging.detach(sourceId);
    await rm(join(this.#folder, `${sourceId}.duckdb`), { force: true });
    for (const { path, owned } of source.files) if (owned) await rm(path, { force: true });
  }

  close(): void {
    this.#watched.close();
  }
}
