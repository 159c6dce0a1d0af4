import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CleaningPreview, CleaningStep, TypedCell } from '../../../shared/domain/cleaning.ts';
import { SourceId, type Digest } from '../../../shared/domain/ids.ts';
import type { PlanDrift } from '../../../shared/domain/load-plan.ts';
import { SourceChoice, SourceSummary } from '../../../shared/domain/source-file.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { checkSteps, previewCleaning } from '../cleaning/preview-cleaning.ts';
import { SavedCleaning } from '../cleaning/saved-cleaning.ts';
import { digestOf } from '../digest-of.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import type { MemoryNeed } from '../staging/staging-functions.ts';
import { openPart, type Arriving, type OpenedPart } from './open-part.ts';
import { SourceCleaning } from './source-cleaning.ts';
import { openedSummary } from './opened-summary.ts';
import { recallSources, rememberSources } from './remembered-sources.ts';
import {
  fileNames,
  noticesAtEnd,
  partsToRead,
  refuseOtherShapes,
  stagedSummary,
  tableOf,
  type OwnFile,
  type Source,
} from './source.ts';
import { stampOf } from './regular-file.ts';
import { sweepFolder } from './sweep-folder.ts';
import { WatchedFiles } from './watched-files.ts';

const RECENT_SOURCES = 12;
/** Between two reports of progress, in milliseconds: as often as a person can follow. */
const REPORT_EVERY = 150;

/** What a host knows of a file that is not the person's own but a copy of ours. */
export interface OwnedCopy {
  readonly fileName: string;
  readonly arriving: Arriving | null;
}

/** Lets go of what was worked out from a source's rows: they are read anew, or the source is closed for good. */
export type DropDerived = (sourceId: SourceId, closed: boolean) => Promise<void>;

type SourcePorts = Pick<BackendPorts, 'paths' | 'random' | 'clock' | 'settings' | 'log'>;

/** The files that were handed over, by opaque id: what was found in each, its first rows, and all its rows once staged. */
export class SourceRegistry {
  readonly #ports: SourcePorts;
  readonly #staging: StagingClient;
  readonly #changed: (source: SourceSummary) => void;
  readonly #sources = new Map<SourceId, Source>();
  /** Forgotten by this process: what others write must not bring them back. */
  readonly #forgotten = new Set<SourceId>();
  readonly #cleaning: SourceCleaning;
  readonly #savedCleaning: SavedCleaning;
  readonly #watched: WatchedFiles<SourceId>;
  #dropDerived: DropDerived = () => Promise.resolve();

  constructor(ports: SourcePorts, staging: StagingClient, changed: (source: SourceSummary) => void) {
    this.#ports = ports;
    this.#staging = staging;
    this.#changed = changed;
    this.#cleaning = new SourceCleaning(staging);
    this.#savedCleaning = new SavedCleaning(ports.settings);
    this.#watched = new WatchedFiles((sourceId) => void this.#lookAgain(sourceId));
    for (const [sourceId, source] of recallSources(ports.settings)) {
      this.#sources.set(sourceId, source);
      this.#watch(sourceId, source);
    }
    void this.#sweep();
  }

  /** Names who holds what is worked out from rows: those come after the sources, and are made from them. */
  whenRowsGo(dropDerived: DropDerived): void {
    this.#dropDerived = dropDerived;
  }

  /** What a killed process left behind: databases and uploads that belong to no source we know. */
  async #sweep(): Promise<void> {
    const known = [...this.#sources.keys()];
    const paths = new Set([...this.#sources.values()].flatMap(({ files }) => files.map(({ path }) => path)));
    const uploads = join(this.#ports.paths.data, 'uploads');
    await sweepFolder(
      this.#folder,
      (path) => known.some((sourceId) => basename(path).startsWith(sourceId)),
      this.#ports,
    );
    await sweepFolder(uploads, (path) => paths.has(path), this.#ports);
    // Files that were offered for download, and fetched or not.
    await sweepFolder(join(this.#ports.paths.data, 'exports'), () => false, this.#ports);
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
      stagings: 0,
      readDigest: '',
      editedColumns: [],
      acceptsChanged: false,
      profiles: new Map(),
      sketches: new Map(),
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
    await stampOf(path, fileName);
    return { path, fileName, arriving: copy?.arriving ?? null, owned: copy !== null, modifiedAt: 0, stamp: null };
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

  /** Where a source's files are and how they are read. `owned`: they are copies of ours, which go with the source. */
  filesOf(sourceId: SourceId): { paths: string[]; owned: boolean; choice: SourceChoice } {
    const { files, choice } = this.#source(sourceId);
    return { paths: files.map(({ path }) => path), owned: files.some(({ owned }) => owned), choice };
  }

  /** The source once every row of it is read. Throws what refused them, and `CANCELLED`, which ends the reading. */
  async whenRead(sourceId: SourceId, signal: AbortSignal): Promise<SourceSummary> {
    const stop = () => {
      if (this.#sources.has(sourceId)) this.stop(sourceId);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) stop();
      await this.#source(sourceId).ended;
      const { state } = this.get(sourceId);
      if (state.kind === 'refused') throw new FailureError(state.failure as Failure);
      if (state.kind === 'staging') throw new FailureError({ code: 'CANCELLED' });
      return this.get(sourceId);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Whether a source is there whose rows were all read. */
  isKnown(sourceId: SourceId): boolean {
    return this.#sources.get(sourceId)?.summary?.state.kind === 'staged';
  }

  /** Whether a file and its rows are still as they were when its source had a digest. */
  since(sourceId: SourceId, digest: Digest): PlanDrift['file'] {
    const summary = this.#sources.get(sourceId)?.summary;
    if (summary?.state.kind !== 'staged') return 'gone';
    return summary.state.digest === digest && !summary.changedOnDisk ? 'same' : 'changed';
  }

  /** Whether a source that was loaded can be opened again: its rows were all read, and its files are still there. */
  async isThere(sourceId: SourceId): Promise<boolean> {
    const source = this.#sources.get(sourceId);
    if (source?.summary?.state.kind !== 'staged') return false;
    const found = source.files.map(({ path }) =>
      stat(path)
        .then(() => true)
        .catch(() => false),
    );
    return (await Promise.all(found)).every(Boolean);
  }

  recent(): SourceSummary[] {
    const latest = new Map<string, SourceSummary>();
    // A file that was dropped again is one file: the last reading of it stands for all. Of copies of ours the rows tell.
    for (const { summary, files } of this.#sources.values()) {
      if (summary?.state.kind !== 'staged') continue;
      const { digest } = summary.state;
      const key = files.map(({ path, fileName, owned }) => (owned ? [fileName, digest] : path));
      latest.delete(JSON.stringify(key));
      latest.set(JSON.stringify(key), summary);
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
    if (choice === null && before?.state.kind === 'staged' && !(await this.#hasChanged(source)))
      if (await this.#hasRows(source)) return before;
    source.staging?.abort();
    source.choice = choice ?? source.choice;
    const parts: OpenedPart[] = [];
    for (const file of source.files) parts.push(await openPart(file, source.choice, signal));
    refuseOtherShapes(source.files, parts);
    for (const [index, file] of source.files.entries()) {
      file.modifiedAt = parts[index]?.modifiedAt ?? 0;
      file.stamp = parts[index]?.stamp ?? null;
    }
    source.editedColumns = [];
    source.acceptsChanged = false;
    source.summary = openedSummary({
      sourceId,
      fileNames: source.files.map(({ fileName }) => fileName),
      parts,
      before,
      asBefore: choice === null,
      savedCleaning: (names) => this.#savedCleaning.find(names),
    });
    const { signal: stopped } = (source.staging = new AbortController());
    // One that is called off must have let go of the tables before the next one makes them anew.
    source.ended = source.ended.then(() => this.#stage(sourceId, source, stopped));
    return source.summary;
  }

  async #stage(sourceId: SourceId, source: Source, signal: AbortSignal): Promise<void> {
    const opened = source.summary;
    if (opened?.state.kind !== 'staging' || signal.aborted) return;
    const began = this.#ports.clock.elapsed();
    const update = (change: Partial<SourceSummary>) => {
      // A later opening with other settings has taken this one's place.
      if (!signal.aborted) this.#change(source, change);
    };
    try {
      await this.#staging.create(sourceId, this.#database(sourceId), this.#need(sourceId), signal);
      await this.#dropDerived(sourceId, false);
      for (const { arriving } of source.files) await arriving?.complete;
      let reported = 0;
      const result = await this.#staging.stageSource(
        {
          alias: sourceId,
          parts: partsToRead(source, opened),
          columns: opened.columns.map(({ name }) => name),
          slicePath: join(this.#folder, `${sourceId}.slice`),
        },
        signal,
        ({ rows, bytes }) => {
          const elapsed = this.#ports.clock.elapsed() - began;
          if (elapsed - reported < REPORT_EVERY) return;
          reported = elapsed;
          update({ state: { kind: 'staging', rows, bytesRead: bytes, elapsed } });
        },
      );
      if (result.rows === 0)
        throw new FailureError({
          code: 'FILE_HEADER_ONLY',
          fileName: opened.fileName,
          columns: opened.columns.length,
        });
      source.stagings++;
      // The same bytes read in another way are other rows.
      source.readDigest = digestOf([result.digest, opened.parts.map(({ format }) => format)]);
      await this.#staging.run(
        `CREATE OR REPLACE TABLE ${sourceId}.edited (row_number INTEGER, source_column INTEGER, value VARCHAR)`,
      );
      update({
        columns: result.columns.map((name, index) => ({ index, name })),
        fileColumns: result.columns.length,
        notices: noticesAtEnd(opened.notices, result.notices, result.blankLines),
      });
      const milliseconds = Math.round(this.#ports.clock.elapsed() - began);
      const table = { alias: sourceId, fileColumns: result.columns.length };
      await checkSteps(this.#staging, table, opened.cleaning).catch((error: unknown) => {
        // Steps of another file that this one cannot take must not keep it from being read.
        if (!(error instanceof FailureError) || error.failure.code !== 'CLEANING_REFUSED') throw error;
        update({ cleaning: [] });
      });
      await this.#cleaning.findDuplicates(table, this.get(sourceId).cleaning, signal);
      update(await this.#cleaning.stand(source, milliseconds));
      if (signal.aborted) return;
      await this.#remember();
      this.#watch(sourceId, source);
    } catch (error) {
      if (signal.aborted) return;
      update({ state: { kind: 'refused', failure: this.#failureOf(error, opened.fileName) } });
    }
  }

  #change(source: Source, change: Partial<SourceSummary>): void {
    if (!source.summary) return;
    source.summary = { ...source.summary, ...change, revision: source.summary.revision + 1 };
    this.#changed(source.summary);
  }

  #failureOf(error: unknown, fileName: string): Failure {
    if (error instanceof FailureError) return error.failure;
    this.#ports.log.error('staging failed', error);
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'the staging engine stopped';
    return { code: 'FILE_UNREADABLE', fileName, reason };
  }

  /** Brings the rows in step with these steps and with what was typed over them. */
  async #stand(source: Source, cleaning: CleaningStep[]): Promise<SourceSummary> {
    const before = stagedSummary(source);
    source.summary = { ...before, cleaning };
    let stands: Partial<SourceSummary>;
    try {
      stands = await this.#cleaning.stand(source, before.state.milliseconds);
    } catch (error) {
      source.summary = before;
      throw error;
    }
    this.#change(source, stands);
    await this.#remember();
    return stagedSummary(source);
  }

  /** Takes these steps in place of those before. Throws `CLEANING_REFUSED`. */
  async clean(sourceId: SourceId, steps: CleaningStep[], signal: AbortSignal): Promise<SourceSummary> {
    const source = await this.staged(sourceId);
    const table = tableOf(stagedSummary(source));
    await checkSteps(this.#staging, table, steps);
    await this.#cleaning.findDuplicates(table, steps, signal);
    await this.#cleaning.dropEditsOfMoved(source, steps);
    return this.#stand(source, steps);
  }

  async previewCleaning(sourceId: SourceId, step: CleaningStep, signal: AbortSignal): Promise<CleaningPreview> {
    const summary = stagedSummary(await this.staged(sourceId));
    const names = summary.columns.map(({ name, index }) => columnLabel(name, index));
    return previewCleaning(this.#staging, tableOf(summary), summary.cleaning, step, names, signal);
  }

  /** Types over cells; null gives a cell back what it was. */
  async edit(sourceId: SourceId, cells: readonly TypedCell[]): Promise<SourceSummary> {
    const source = await this.staged(sourceId);
    await this.#cleaning.typeOver(source, cells);
    return this.#stand(source, stagedSummary(source).cleaning);
  }

  /** Throws `FILE_CHANGED_WHILE_READ` for rows of a file that grew meanwhile, unless they get a yes once. */
  refuseChanged(sourceId: SourceId, accept: boolean): void {
    const source = this.#source(sourceId);
    source.acceptsChanged ||= accept;
    const grew = source.summary?.notices.find((notice) => notice.code === 'FILE_GREW');
    if (grew === undefined || source.acceptsChanged) return;
    throw new FailureError({ code: 'FILE_CHANGED_WHILE_READ', fileName: grew.fileName, change: 'grew' });
  }

  /** Keeps the cleaning for the next file with these headers. */
  keepCleaning(sourceId: SourceId): void {
    const summary = this.get(sourceId);
    this.#savedCleaning.save(fileNames(summary), summary.cleaning);
  }

  /** Ends a staging that is no longer waited for. */
  stop(sourceId: SourceId): void {
    const source = this.#source(sourceId);
    if (source.summary?.state.kind !== 'staging') return;
    source.staging?.abort();
    this.#change(source, { state: { kind: 'refused', failure: { code: 'CANCELLED' } } });
  }

  get #folder(): string {
    return join(this.#ports.paths.data, 'sources');
  }

  #database(sourceId: SourceId): string {
    return join(this.#folder, `${sourceId}.duckdb`);
  }

  #need(sourceId: SourceId): MemoryNeed {
    return { columns: this.#sources.get(sourceId)?.summary?.columns.length ?? 0, joinedRows: 0 };
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

  /** Whether its rows are still there: what is damaged is read from the file again. */
  async #hasRows({ summary }: Source): Promise<boolean> {
    if (!summary) return false;
    try {
      await this.staged(summary.sourceId);
      await this.#staging.query(`SELECT row_number FROM ${summary.sourceId}.staged LIMIT 1`);
      return true;
    } catch (error) {
      if (error instanceof FailureError && error.failure.code === 'DATA_DAMAGED') return false;
      throw error;
    }
  }

  async #lookAgain(sourceId: SourceId): Promise<void> {
    const source = this.#sources.get(sourceId);
    if (source?.summary?.state.kind !== 'staged') return;
    const changedOnDisk = await this.#hasChanged(source);
    if (source.summary.changedOnDisk !== changedOnDisk) this.#change(source, { changedOnDisk });
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
    for (const [sourceId, source] of staged.slice(0, -RECENT_SOURCES)) await this.#drop(sourceId, source);
    rememberSources(this.#ports.settings, this.#sources.values(), this.#forgotten);
  }

  /** The source with its database at hand, or `SOURCE_NOT_STAGED` while it is still being read. */
  async staged(sourceId: SourceId): Promise<Source> {
    const source = this.#source(sourceId);
    stagedSummary(source);
    await this.#staging.attach(sourceId, this.#database(sourceId), this.#need(sourceId));
    return source;
  }

  /** Closes a source's rows: whoever needs them next opens them again, in whatever process. */
  async putAway(sourceId: SourceId): Promise<void> {
    if (this.#sources.has(sourceId)) await this.#staging.detach(sourceId);
  }

  async forget(sourceId: SourceId): Promise<void> {
    const source = this.#source(sourceId);
    await this.#letGo(sourceId, source);
    await this.#deleteFiles(sourceId, source);
    rememberSources(this.#ports.settings, this.#sources.values(), this.#forgotten);
  }

  /** Makes room. What was recalled may be open in another process: the sweep deletes it when it is old. */
  async #drop(sourceId: SourceId, source: Source): Promise<void> {
    await this.#letGo(sourceId, source);
    if (source.stagings > 0) await this.#deleteFiles(sourceId, source);
  }

  async #letGo(sourceId: SourceId, source: Source): Promise<void> {
    source.staging?.abort();
    this.#watched.unwatch(sourceId);
    this.#sources.delete(sourceId);
    this.#forgotten.add(sourceId);
    await source.ended;
    await this.#dropDerived(sourceId, true);
    await this.#staging.detach(sourceId);
  }

  async #deleteFiles(sourceId: SourceId, source: Source): Promise<void> {
    for (const path of [this.#database(sourceId), `${this.#database(sourceId)}.wal`]) await rm(path, { force: true });
    for (const { path, owned } of source.files) if (owned) await rm(path, { force: true });
  }

  close(): void {
    this.#watched.close();
  }
}
