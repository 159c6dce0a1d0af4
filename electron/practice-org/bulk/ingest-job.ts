import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { DELIMITERS } from './csv.ts';
import type { ShownJob } from './ingest-answers.ts';
import type { JobFiles, ResultFile, ResultKind } from './job-files.ts';
import { JobProgress } from './job-progress.ts';
import { JobRun, type IngestWork } from './job-run.ts';
import { pause } from './process-rows.ts';
import { ResultRows } from './result-rows.ts';
import type { IngestJobInfo, IngestState, SavedIngestJob } from './saved-job.ts';
import { UploadReader, type UploadRow } from './upload-reader.ts';

/** Characters of the upload decoded in one go. */
const PIECE = 256 * 1024;

/** After a crash of the whole computer: rows were saved, and what was noted of them was not. */
const LOST = 'InternalServerError : The results of the job were lost when the practice org stopped';

/** One ingest job from its creation to its results (Bulk API 2.0 and Bulk API Developer Guide, "Bulk API 2.0 Ingest"). */
export class IngestJob {
  readonly info: IngestJobInfo;
  readonly files: JobFiles;
  state: IngestState = 'Open';
  uploaded = false;
  header: readonly string[] = [];
  processed = 0;
  failed = 0;
  errorMessage: string | null = null;
  modified: number;
  startedAt = 0;
  endedAt = 0;
  closedBy: string | null = null;
  failWith: string | null = null;
  /** Resolves when an aborted job has stopped and its result files are whole. */
  stopped: Promise<void> = Promise.resolve();
  /** Until when a closed job is still shown as Open: the knob `commitLatency`. */
  shownOpenUntil = 0;
  readonly #stop = new AbortController();
  #suspended = false;
  #lost = false;
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

  /** Closed or aborted, and its result files are not whole. */
  get unfinished(): boolean {
    return this.state === 'UploadComplete' || this.state === 'InProgress' || (this.ended && this.endedAt === 0);
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

  /** Kept at once: a job whose abort was answered is never worked on again. */
  abort(now: number): void {
    const untouched = this.state === 'Open';
    this.setState('Aborted', now);
    if (untouched) this.endedAt = now;
    this.files.save(this);
    if (untouched) this.files.dropUpload();
    this.#stop.abort();
  }

  /** Stops working and leaves the job as it is, for the next start to go on with. */
  suspend(): void {
    this.#suspended = true;
    this.#stop.abort();
  }

  /** A result file: its header with the upload's own cells verbatim, then rows in no order. */
  read(kind: ResultKind): Readable {
    const d = this.delimiter;
    const { file, order } = this.#results[kind];
    const lead =
      kind === 'unprocessedrecords' ? [] : ['"sf__Id"', kind === 'failedresults' ? '"sf__Error"' : '"sf__Created"'];
    // A job that was aborted before its upload was read knows no columns.
    return file.read(`${[...lead, ...this.header].join(d)}\n`, order);
  }

  /** Works through the upload in the background, giving way after every chunk. */
  async process(work: IngestWork): Promise<void> {
    const { org } = work;
    const progress = new JobProgress(this.files.progress);
    await pause(org.knobs.queueDelay, this.#stop.signal);
    if (this.#suspended) return;
    if (!this.aborted) this.setState('InProgress', org.data.now());
    if (this.startedAt === 0) this.startedAt = org.data.now();
    const rows = this.#resultRows(org.knobs.shuffleResults);
    let stopped: string | null;
    try {
      stopped = await new JobRun(this, work, rows, progress).run(this.#lost ? LOST : this.failWith, this.#lost);
    } finally {
      org.data.locks.release(this.info.id);
      progress.close();
      for (const one of Object.values(rows)) await one.end();
    }
    if (this.suspended) return;
    for (const kind of Object.keys(rows) as ResultKind[]) this.#results[kind].order = rows[kind].order;
    org.used.bulkRows += this.processed;
    org.used.batches += Math.max(1, Math.ceil(this.processed / org.knobs.batchSize));
    this.#end(stopped, org.data.now());
  }

  /** Ends a job that something unforeseen stopped: what it saved is saved, and what became of its rows is not known. */
  fail(message: string, now: number): void {
    this.#end(message, now);
  }

  /** Read anew each time: a request may abort the job while it is worked on. */
  get aborted(): boolean {
    return this.state === 'Aborted';
  }

  get suspended(): boolean {
    return this.#suspended;
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  async *rows(): AsyncGenerator<UploadRow[]> {
    if (!this.uploaded || !this.files.hasUpload()) return;
    const reader = new UploadReader(this.delimiter, this.info.lineEnding);
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const read = (text: string, last: boolean): UploadRow[] => {
      const rows = reader.push(text, last);
      this.header = reader.header ?? [];
      return rows;
    };
    for await (const bytes of createReadStream(this.files.upload, { highWaterMark: PIECE }) as AsyncIterable<Buffer>)
      yield read(decoder.decode(bytes, { stream: true }), false);
    yield read(decoder.decode(), true);
    reader.end();
  }

  /** After a restart: how far it had come, `done` rows of it being saved. */
  async takeUp(done: number): Promise<void> {
    const known = await new JobProgress(this.files.progress).resume(done);
    this.#lost = known === null;
    this.processed = done;
    this.failed = known?.failed ?? 0;
  }

  #resultRows(shuffle: boolean): Record<ResultKind, ResultRows> {
    const { successfulresults: good, failedresults: bad, unprocessedrecords: left } = this.#results;
    return {
      successfulresults: new ResultRows(good.file, shuffle, this.startedAt),
      failedresults: new ResultRows(bad.file, shuffle, this.startedAt + 1),
      unprocessedrecords: new ResultRows(left.file, false, 0),
    };
  }

  /** Its files are dropped only once the end is kept: a crash in between ends the job again, in the same way. */
  #end(message: string | null, now: number): void {
    this.endedAt = now;
    if (this.state !== 'Aborted') {
      this.errorMessage = message;
      this.setState(message === null ? 'JobComplete' : 'Failed', now);
    }
    this.files.save(this);
    this.files.dropUpload();
  }

  /** For a restart: everything but the rows, which are in files. */
  toJSON(): SavedIngestJob {
    const { info, state, processed, failed, errorMessage, modified, startedAt, endedAt, closedBy, failWith } = this;
    const saved = (kind: ResultKind): SavedIngestJob['results'][ResultKind] => {
      const { file, order } = this.#results[kind];
      return { segments: [...file.segments], order };
    };
    const results = {
      successfulresults: saved('successfulresults'),
      failedresults: saved('failedresults'),
      unprocessedrecords: saved('unprocessedrecords'),
    };
    const header = [...this.header];
    return {
      info,
      state,
      header,
      processed,
      failed,
      errorMessage,
      modified,
      startedAt,
      endedAt,
      closedBy,
      failWith,
      results,
    };
  }

  restore(saved: SavedIngestJob): void {
    const { info: _info, results, ...rest } = saved;
    Object.assign(this, rest);
    this.uploaded = this.files.hasUpload();
    if (this.unfinished) return;
    for (const kind of Object.keys(this.#results) as ResultKind[]) {
      this.#results[kind].file.restore(results[kind].segments);
      this.#results[kind].order = [...results[kind].order];
    }
  }
}
