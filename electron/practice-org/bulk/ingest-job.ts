import { createReadStream } from 'node:fs';
import { seededRandom } from '../sample/random.ts';
import type { Org } from '../org.ts';
import type { Session } from '../records/org-data.ts';
import type { RecordTable } from '../records/record-store.ts';
import { DELIMITERS, quotedRow, UploadError, UploadReader } from './csv.ts';
import type { ShownJob } from './ingest-answers.ts';
import { ResultFile, type JobFiles, type ResultKind } from './job-files.ts';
import { CHUNK, pause, RowSaver, type Operation } from './process-rows.ts';

export type IngestState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

export interface IngestJobInfo {
  readonly id: string;
  readonly object: string;
  readonly operation: Operation;
  readonly externalIdFieldName: string | null;
  readonly assignmentRuleId: string | null;
  readonly lineEnding: 'LF' | 'CRLF';
  readonly columnDelimiter: string;
  readonly apiVersion: string;
  readonly createdById: string;
  readonly createdBy: string;
  readonly createdDate: number;
}

/** Rows written to a result file in one block, and shuffled within it. */
const BLOCK = 2000;
/** Characters of the upload decoded in one go. */
const PIECE = 256 * 1024;

/** Gathers result rows, shuffles them block by block and hands the blocks out in no order. */
class ResultRows {
  readonly #file: ResultFile;
  readonly #shuffle: boolean;
  readonly #random: () => number;
  #rows: string[] = [];
  order: number[] = [];

  constructor(file: ResultFile, shuffle: boolean, seed: number) {
    this.#file = file;
    this.#shuffle = shuffle;
    this.#random = seededRandom(seed);
  }

  push(row: string): void {
    this.#rows.push(row);
  }

  async flush(atLeast: number): Promise<void> {
    if (this.#rows.length < Math.max(1, atLeast)) return;
    const rows = this.#rows;
    this.#rows = [];
    // Row order of results is not guaranteed (Bulk API 2.0 guide): the practice org makes sure that nobody relies on it.
    if (this.#shuffle) shuffle(rows, this.#random);
    await this.#file.append(rows);
    this.order.push(this.order.length);
  }

  async end(): Promise<void> {
    await this.flush(1);
    await this.#file.close();
    if (this.#shuffle) shuffle(this.order, this.#random);
  }
}

function shuffle(list: unknown[], random: () => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
}

/** One ingest job from its creation to its results (Bulk API 2.0 and Bulk API Developer Guide, "Bulk API 2.0 Ingest"). */
export class IngestJob {
  readonly info: IngestJobInfo;
  readonly files: JobFiles;
  state: IngestState = 'Open';
  uploaded = false;
  header: string[] = [];
  processed = 0;
  failed = 0;
  errorMessage: string | null = null;
  modified: number;
  startedAt = 0;
  endedAt = 0;
  /** Resolves when an aborted job has stopped and its result files are whole. */
  stopped: Promise<void> = Promise.resolve();
  /** Until when a closed job is still shown as Open: the knob `commitLatency`. */
  shownOpenUntil = 0;
  readonly #stop = new AbortController();
  readonly #results: Record<ResultKind, { file: ResultFile; order: number[] }>;

  constructor(info: IngestJobInfo, files: JobFiles) {
    this.info = info;
    this.files = files;
    this.modified = info.createdDate;
    const entry = (kind: ResultKind): { file: ResultFile; order: number[] } => ({
      file: files.result(kind),
      order: [],
    });
    this.#results = {
      successfulresults: entry('successfulresults'),
      failedresults: entry('failedresults'),
      unprocessedrecords: entry('unprocessedrecords'),
    };
  }

  get delimiter(): string {
    return DELIMITERS[this.info.columnDelimiter] ?? ',';
  }

  get ended(): boolean {
    return this.state === 'JobComplete' || this.state === 'Failed' || this.state === 'Aborted';
  }

  setState(state: IngestState, now: number): void {
    this.state = state;
    this.modified = now;
  }

  /** What callers are told: a close takes a while to be seen. An abort is seen at once. */
  shown(now: number): ShownJob {
    if (this.state === 'Aborted' || now >= this.shownOpenUntil) return this;
    const { info, modified } = this;
    return { info, modified, state: 'Open', processed: 0, failed: 0, errorMessage: null, startedAt: 0, endedAt: 0 };
  }

  abort(now: number): void {
    this.setState('Aborted', now);
    this.#stop.abort();
  }

  /** A result file: its header with the upload's own cells verbatim, then rows in no order. */
  read(kind: ResultKind): import('node:stream').Readable {
    const d = this.delimiter;
    const own = this.header.join(d);
    const { file, order } = this.#results[kind];
    const header =
      kind === 'unprocessedrecords'
        ? `${own}\n`
        : `"sf__Id"${d}"${kind === 'failedresults' ? 'sf__Error' : 'sf__Created'}"${d}${own}\n`;
    return file.read(header, order);
  }

  /** Works through the upload in the background, giving way after every chunk. `fail` is a fault: the job fails at once. */
  async process(org: Org, session: Session, table: RecordTable, fail: string | null): Promise<void> {
    await pause(org.knobs.queueDelay, this.#stop.signal);
    if (this.state === 'Aborted') {
      await this.#leaveUnprocessed(org);
      return;
    }
    this.setState('InProgress', org.data.now());
    this.startedAt = org.data.now();
    const { shuffleResults } = org.knobs;
    const good = new ResultRows(this.#results.successfulresults.file, shuffleResults, this.startedAt);
    const bad = new ResultRows(this.#results.failedresults.file, shuffleResults, this.startedAt + 1);
    const left = new ResultRows(this.#results.unprocessedrecords.file, false, 0);
    const reader = new UploadReader(this.delimiter, this.info.lineEnding);
    let saver: RowSaver | null = null;
    let stopped: string | null = fail;
    try {
      for await (const rows of this.#rows(reader)) {
        this.header = reader.header ?? [];
        saver ??=
          stopped === null && reader.header
            ? new RowSaver({
                org,
                session,
                table,
                operation: this.info.operation,
                externalIdFieldName: this.info.externalIdFieldName,
                header: reader.header,
                origin: `com/salesforce/api/bulkapi/${this.info.apiVersion}`,
                lockOwner: this.info.id,
              })
            : null;
        for (let start = 0; start < rows.length; start += CHUNK) {
          const chunk = rows.slice(start, start + CHUNK);
          if (saver === null || stopped !== null || stateOf(this) === 'Aborted') {
            for (const row of chunk) left.push(quotedRow(row, this.delimiter));
            continue;
          }
          stopped = await this.#saveChunk(org, saver, chunk, good, bad, left);
        }
        await good.flush(BLOCK);
        await bad.flush(BLOCK);
        await left.flush(BLOCK);
      }
      this.header = reader.header ?? [];
    } catch (error) {
      if (!(error instanceof UploadError)) throw error;
      stopped = error.message;
      this.header = reader.header ?? [];
      await this.#leaveUnprocessed(org, left);
    } finally {
      org.data.locks.release(this.info.id);
    }
    for (const [kind, rows] of [
      ['successfulresults', good],
      ['failedresults', bad],
      ['unprocessedrecords', left],
    ] as const) {
      await rows.end();
      this.#results[kind].order = rows.order;
    }
    this.endedAt = org.data.now();
    org.used.bulkRows += this.processed;
    org.used.batches += Math.max(1, Math.ceil(this.processed / org.knobs.batchSize));
    this.files.dropUpload();
    if (stateOf(this) === 'Aborted') return;
    this.errorMessage = stopped;
    this.setState(stopped === null ? 'JobComplete' : 'Failed', org.data.now());
  }

  /** Saves a chunk at the org's pace. Returns the message the job fails with, or null. */
  async #saveChunk(
    org: Org,
    saver: RowSaver,
    chunk: string[][],
    good: ResultRows,
    bad: ResultRows,
    left: ResultRows,
  ): Promise<string | null> {
    const { rowsPerSecond, failJobAfterRows } = org.knobs;
    const room = failJobAfterRows > 0 ? Math.max(0, failJobAfterRows - this.processed) : Infinity;
    const now = room < chunk.length ? chunk.slice(0, room) : chunk;
    const results = saver.save(now, rowsPerSecond > 0 ? (chunk.length / rowsPerSecond) * 1000 : 0);
    for (const [index, result] of results.entries()) {
      const row = saver.resultRow(now[index] ?? [], result, this.delimiter);
      if (result.success) good.push(row);
      else bad.push(row);
      if (!result.success) this.failed++;
    }
    this.processed += now.length;
    for (const row of chunk.slice(now.length)) left.push(quotedRow(row, this.delimiter));
    const due = rowsPerSecond > 0 ? (this.processed / rowsPerSecond) * 1000 - (org.data.now() - this.startedAt) : 0;
    await pause(due, this.#stop.signal);
    return now.length < chunk.length
      ? 'InternalServerError : Unable to process the job: too many retries. Please try again later'
      : null;
  }

  async *#rows(reader: UploadReader): AsyncGenerator<string[][]> {
    if (!this.uploaded || (await this.files.uploadSize()) === 0) return;
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    for await (const bytes of createReadStream(this.files.upload, { highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
      yield reader.push(decoder.decode(bytes, { stream: true }), false);
    }
    yield reader.push(decoder.decode(), true);
  }

  /** A job that failed on its upload, or was aborted before it began, leaves the rows it had not come to unprocessed. */
  async #leaveUnprocessed(org: Org, left?: ResultRows): Promise<void> {
    const rows = left ?? new ResultRows(this.#results.unprocessedrecords.file, false, 0);
    const reader = new UploadReader(this.delimiter, this.info.lineEnding);
    let before = this.processed;
    try {
      for await (const piece of this.#rows(reader)) {
        for (const row of piece.slice(before)) rows.push(quotedRow(row, this.delimiter));
        before = Math.max(0, before - piece.length);
        await rows.flush(BLOCK);
      }
    } catch (error) {
      // What cannot be read cannot be given back row by row either; the job's message says why.
      if (!(error instanceof UploadError)) throw error;
    }
    this.header = reader.header ?? [];
    if (left) return;
    await rows.end();
    this.#results.unprocessedrecords.order = rows.order;
    this.endedAt = org.data.now();
    this.files.dropUpload();
  }

  /** For a restart: everything but the rows, which are in files. */
  toJSON(): Record<string, unknown> {
    const { info, state, header, processed, failed, errorMessage, modified, startedAt, endedAt } = this;
    const results = Object.fromEntries(
      Object.entries(this.#results).map(([kind, { file, order }]) => [kind, { segments: file.segments, order }]),
    );
    return { info, state, header, processed, failed, errorMessage, modified, startedAt, endedAt, results };
  }

  restore(saved: SavedIngestJob, uploaded: boolean): void {
    const { state, header, processed, failed, errorMessage, modified, startedAt, endedAt } = saved;
    // Whoever stopped the org in the middle of a job: what it saved is saved, and its results are not known.
    const cut = state === 'UploadComplete' || state === 'InProgress';
    Object.assign(this, { header, processed, failed, modified, startedAt, endedAt, uploaded });
    this.state = cut ? 'Failed' : state;
    this.errorMessage = cut
      ? 'InternalServerError : The practice org was stopped while the job was running'
      : errorMessage;
    for (const kind of Object.keys(this.#results) as ResultKind[]) {
      const result = saved.results[kind];
      this.#results[kind].file.restore(result?.segments ?? []);
      this.#results[kind].order = [...(result?.order ?? [])];
    }
  }
}

export interface SavedIngestJob {
  readonly info: IngestJobInfo;
  readonly state: IngestState;
  readonly header: string[];
  readonly processed: number;
  readonly failed: number;
  readonly errorMessage: string | null;
  readonly modified: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly results: Partial<Record<string, { segments: { start: number; end: number }[]; order: number[] }>>;
}

/** Read anew each time: another request may have aborted the job meanwhile. */
function stateOf(job: IngestJob): IngestState {
  return job.state;
}
