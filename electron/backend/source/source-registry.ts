import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { Digest, SourceId, SourceRowNumber } from '../../../shared/domain/ids.ts';
import {
  RowProblemCode,
  SourceSummary,
  type ColumnProfile,
  type Dialect,
  type DialectChoice,
  type Packing,
  type PreviewRow,
  type SourceColumn,
} from '../../../shared/domain/source-file.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { RecordReader, type SourceRecord } from './record-reader.ts';
import { readHeader, SAMPLE_BYTES, sniffDialect } from './sniff-dialect.ts';
import { headOf, nameInside } from './unpack.ts';

const PREVIEW_ROWS = 100;
const RECENT_SOURCES = 12;
const SETTINGS_KEY = 'sources';
/** Bulk API takes about 100 MB a job before its base64 (Bulk API limits); more is sent as several jobs. */
const JOB_BYTES = 90 * 1024 * 1024;

const Remembered = z.object({ summary: SourceSummary, path: z.string(), owned: z.boolean() });

interface Source {
  readonly path: string;
  /** True if the file is a copy of ours, to be deleted with the source. */
  readonly owned: boolean;
  readonly fileName: string;
  /** Set while the bytes are still on their way: its size, and when all of it is there. */
  readonly arriving: Arriving | null;
  summary: SourceSummary | null;
  staging: AbortController | null;
}

/** A file of which only the beginning is on disk yet. */
export interface Arriving {
  readonly byteLength: number;
  /** Rejects with a failure if the rest does not come. */
  readonly complete: Promise<void>;
}

/** What a host knows of a file that is not the person's own but a copy of ours. */
export interface OwnedCopy {
  readonly fileName: string;
  readonly arriving: Arriving | null;
}

/** The beginning of a source's text, and how it lies in its file. */
interface Head {
  readonly sample: Uint8Array;
  readonly byteLength: number;
  readonly packing: Packing;
  /** True if the sample is all there is. */
  readonly whole: boolean;
  /** The name of the file inside a ZIP. */
  readonly inside: string | null;
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
  readonly dialect: Dialect;
}

type SourcePorts = Pick<BackendPorts, 'paths' | 'random' | 'clock' | 'settings' | 'log'>;

/** The files she handed over, by opaque id: what was found in each, its first rows, and all its rows once staged. */
export class SourceRegistry {
  readonly #ports: SourcePorts;
  readonly #staging: StagingClient;
  readonly #changed: (source: SourceSummary) => void;
  readonly #sources = new Map<SourceId, Source>();

  constructor(ports: SourcePorts, staging: StagingClient, changed: (source: SourceSummary) => void) {
    this.#ports = ports;
    this.#staging = staging;
    this.#changed = changed;
    const remembered = z.array(Remembered).safeParse(ports.settings.get(SETTINGS_KEY));
    for (const { summary, path, owned } of remembered.success ? remembered.data : []) {
      this.#sources.set(summary.sourceId, {
        path,
        owned,
        fileName: summary.fileName,
        arriving: null,
        summary,
        staging: null,
      });
    }
  }

  /** Takes files from a drop, a chooser or an upload. Throws `FILE_SEVERAL`, `FILE_IS_FOLDER`, `FILE_UNREADABLE`. */
  async handOver(paths: readonly string[], copy: OwnedCopy | null = null): Promise<SourceId> {
    const [path] = paths;
    if (path === undefined) throw new FailureError({ code: 'SOURCE_UNKNOWN' });
    if (paths.length > 1)
      throw new FailureError({ code: 'FILE_SEVERAL', fileNames: paths.map((one) => basename(one)) });
    const name = copy?.fileName ?? basename(path);
    const facts = await stat(path).catch((error: unknown) => this.#unreadable(name, error));
    if (facts.isDirectory()) throw new FailureError({ code: 'FILE_IS_FOLDER' });
    const sourceId = SourceId.parse(`src_${this.#ports.random.token(16)}`);
    this.#sources.set(sourceId, {
      path,
      owned: copy !== null,
      fileName: name,
      arriving: copy?.arriving ?? null,
      summary: null,
      staging: null,
    });
    return sourceId;
  }

  #unreadable(fileName: string, error: unknown): never {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new FailureError({ code: 'FILE_UNREADABLE', fileName, reason });
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
    return [...this.#sources.values()]
      .flatMap(({ summary }) => (summary?.state.kind === 'staged' ? [summary] : []))
      .reverse();
  }

  /** Judges the file by its head, gives its first rows, and begins staging the rest in the background. */
  async open(sourceId: SourceId, choice: DialectChoice): Promise<SourceSummary> {
    const source = this.#source(sourceId);
    source.staging?.abort();
    const { sample, byteLength, packing, whole, inside } = await this.#readHead(source);
    const { dialect, notices, text } = sniffDialect(sample, source.fileName, choice, packing);
    if (packing !== 'none') notices.unshift({ code: 'UNPACKED', packing, inside });
    const reader = new RecordReader(dialect, source.fileName);
    const [header, ...records] = reader.push(text, whole);
    if (!header) throw new FailureError({ code: 'FILE_EMPTY', fileName: source.fileName });
    const { names, notices: headerNotices } = readHeader(header.cells, dialect.delimiter);
    if (whole && records.length === 0) {
      throw new FailureError({ code: 'FILE_HEADER_ONLY', fileName: source.fileName, columns: names.length });
    }
    if (byteLength > JOB_BYTES && packing === 'none')
      notices.push({ code: 'SEVERAL_JOBS', jobs: Math.ceil(byteLength / JOB_BYTES) });
    const startedAt = this.#ports.clock.now();
    source.summary = {
      sourceId,
      fileName: source.fileName,
      byteLength,
      dialect,
      columns: names.map((name, index) => ({ index, name })),
      notices: [...notices, ...headerNotices],
      preview: records.slice(0, PREVIEW_ROWS).map((record, index) => toPreviewRow(record, index + 1, names.length)),
      state: { kind: 'staging', rows: 0, bytesRead: 0, startedAt },
    };
    source.staging = new AbortController();
    void this.#stage(sourceId, source, source.staging.signal);
    return source.summary;
  }

  async #readHead(source: Source): Promise<Head> {
    try {
      const byteLength = source.arriving?.byteLength ?? (await stat(source.path)).size;
      let arriving = source.arriving !== null && (await stat(source.path)).size < byteLength;
      const head = await headOf(source.path, source.fileName, SAMPLE_BYTES, arriving).catch(async (error: unknown) => {
        // A ZIP says at its end what is in it: nothing can be told before all of it is there.
        if (!arriving || !source.arriving) throw error;
        await source.arriving.complete;
        arriving = false;
        return headOf(source.path, source.fileName, SAMPLE_BYTES, false);
      });
      const inside = await nameInside(source.path, source.fileName, head.packing);
      return { ...head, byteLength, inside };
    } catch (error) {
      if (error instanceof FailureError) throw error;
      return this.#unreadable(source.fileName, error);
    }
  }

  async #stage(sourceId: SourceId, source: Source, signal: AbortSignal): Promise<void> {
    const opened = source.summary;
    if (!opened || opened.state.kind !== 'staging') return;
    const { startedAt } = opened.state;
    const update = (change: Partial<SourceSummary>) => {
      // A later opening with other settings has taken this one's place.
      if (signal.aborted || !source.summary) return;
      source.summary = { ...source.summary, ...change };
      this.#changed(source.summary);
    };
    try {
      await this.#attach(sourceId);
      await source.arriving?.complete;
      const result = await this.#staging.stageFile(
        {
          alias: sourceId,
          path: source.path,
          fileName: source.fileName,
          dialect: opened.dialect,
          columns: opened.columns.length,
        },
        signal,
        ({ rows, bytes }) => update({ state: { kind: 'staging', rows, bytesRead: bytes, startedAt } }),
      );
      if (result.rows === 0)
        throw new FailureError({ code: 'FILE_HEADER_ONLY', fileName: source.fileName, columns: opened.columns.length });
      const notices = result.blankLines > 0 ? [{ code: 'BLANK_LINES_SKIPPED' as const, count: result.blankLines }] : [];
      update({
        notices: [...opened.notices, ...notices],
        state: {
          kind: 'staged',
          rows: result.rows,
          problemRows: result.problemRows,
          digest: Digest.parse(result.digest),
          milliseconds: this.#ports.clock.now() - startedAt,
        },
      });
      await this.#remember();
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof FailureError) return update({ state: { kind: 'refused', failure: error.failure } });
      this.#ports.log.error('staging failed', error);
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'the staging engine stopped';
      update({ state: { kind: 'refused', failure: { code: 'FILE_UNREADABLE', fileName: source.fileName, reason } } });
    }
  }

  async #attach(sourceId: SourceId): Promise<void> {
    const folder = join(this.#ports.paths.data, 'sources');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.#staging.attach(sourceId, join(folder, `${sourceId}.duckdb`));
  }

  async #remember(): Promise<void> {
    const staged = [...this.#sources.entries()].filter(([, source]) => source.summary?.state.kind === 'staged');
    for (const [sourceId] of staged.slice(0, -RECENT_SOURCES)) await this.forget(sourceId);
    this.#ports.settings.set(
      SETTINGS_KEY,
      [...this.#sources.values()].flatMap(({ summary, path, owned }) =>
        summary?.state.kind === 'staged'
          ? [{ summary: { ...summary, preview: summary.preview.slice(0, 5) }, path, owned }]
          : [],
      ),
    );
  }

  /** The staged source, or `SOURCE_NOT_STAGED` while it is still being read. */
  async staged(sourceId: SourceId): Promise<StagedSource> {
    const source = this.#source(sourceId);
    if (source.summary?.state.kind !== 'staged') throw new FailureError({ code: 'SOURCE_NOT_STAGED' });
    await this.#attach(sourceId);
    const { digest, rows } = source.summary.state;
    return {
      sourceId,
      alias: sourceId,
      fileName: source.fileName,
      digest,
      rows,
      columns: source.summary.columns,
      dialect: source.summary.dialect,
    };
  }

  async page(sourceId: SourceId, offset: number, limit: number): Promise<PreviewRow[]> {
    const { alias, columns } = await this.staged(sourceId);
    const rows = await this.#staging.query(
      `SELECT * FROM ${alias}.staged WHERE row_number > ? AND row_number <= ? ORDER BY row_number`,
      [offset, offset + limit],
    );
    return rows.map((row) => ({
      row: SourceRowNumber.parse(row['row_number']),
      line: Number(row['line']),
      cells: columns.map(({ index }) => (row[`c${index}`] === null ? '' : String(row[`c${index}`]))),
      problem: row['problem'] === null ? null : RowProblemCode.parse(row['problem']),
    }));
  }

  async profile(sourceId: SourceId): Promise<ColumnProfile[]> {
    const { alias, columns } = await this.staged(sourceId);
    const profiles: ColumnProfile[] = [];
    for (const { index } of columns) {
      const cell = `c${index}`;
      const [facts] = await this.#staging.query(
        `SELECT count(*) FILTER (problem IS NULL AND trim(${cell}) = '') AS blank, approx_count_distinct(${cell}) AS several, coalesce(max(length(${cell})), 0) AS longest FROM ${alias}.staged`,
      );
      const examples = await this.#staging.query(
        `SELECT ${cell} AS example FROM ${alias}.staged WHERE problem IS NULL AND ${cell} <> '' ORDER BY row_number LIMIT 3`,
      );
      profiles.push({
        column: index,
        blank: Number(facts?.['blank'] ?? 0),
        distinct: Number(facts?.['several'] ?? 0),
        longest: Number(facts?.['longest'] ?? 0),
        examples: examples.map(({ example }) => String(example)),
      });
    }
    return profiles;
  }

  async forget(sourceId: SourceId): Promise<void> {
    const source = this.#source(sourceId);
    source.staging?.abort();
    this.#sources.delete(sourceId);
    await this.#staging.detach(sourceId);
    await rm(join(this.#ports.paths.data, 'sources', `${sourceId}.duckdb`), { force: true });
    if (source.owned) await rm(source.path, { force: true });
  }
}

function toPreviewRow(record: SourceRecord, row: number, width: number): PreviewRow {
  const cells = Array.from({ length: width }, (_, index) => record.cells[index] ?? '');
  return { row: SourceRowNumber.parse(row), line: record.line, cells, problem: record.problem };
}
