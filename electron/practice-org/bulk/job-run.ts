import type { Org } from '../org.ts';
import type { Session } from '../records/org-data.ts';
import type { RecordTable } from '../records/record-store.ts';
import { quotedRow } from './csv.ts';
import type { ResultKind } from './job-files.ts';
import type { JobProgress } from './job-progress.ts';
import {
  CHUNK,
  pause,
  resultRow,
  rowResult,
  RowSaver,
  type BatchLocks,
  type ChunkMark,
  type RowResult,
} from './process-rows.ts';
import type { ResultRows } from './result-rows.ts';
import type { IngestJobInfo } from './saved-job.ts';
import { UploadError, type UploadRow } from './upload-reader.ts';

/** Rows written to a result file in one block, and shuffled within it. */
const BLOCK = 2000;

/** What a job is worked with. */
export interface IngestWork {
  readonly org: Org;
  readonly session: Session;
  readonly table: RecordTable;
  /** Rows that were done before the org was started anew; their results are in the job's progress. */
  readonly done: number;
  /** False where nothing is kept between starts. */
  readonly durable: boolean;
}

/** What a run reads and writes of its job. */
interface RunningJob {
  readonly info: IngestJobInfo;
  readonly delimiter: string;
  readonly header: readonly string[];
  processed: number;
  failed: number;
  readonly aborted: boolean;
  readonly suspended: boolean;
  readonly stop: AbortSignal;
  rows(): AsyncGenerator<UploadRow[]>;
}

/** One way through a job's upload: what was done before a restart is told again, the rest is saved or left. */
export class JobRun {
  readonly #job: RunningJob;
  readonly #work: IngestWork;
  readonly #results: Record<ResultKind, ResultRows>;
  readonly #progress: JobProgress;
  readonly #startedAt = performance.now();
  #looked = false;
  #saver: RowSaver | null = null;
  /** What the job fails with; the rows that come after it is known are left unprocessed. */
  #stopped: string | null = null;
  #saved = 0;

  constructor(job: RunningJob, work: IngestWork, results: Record<ResultKind, ResultRows>, progress: JobProgress) {
    this.#job = job;
    this.#work = work;
    this.#results = results;
    this.#progress = progress;
  }

  /** Resolves with the message the job fails with, or null. `lost` if the results of the rows done before are not known. */
  async run(failWith: string | null, lost: boolean): Promise<string | null> {
    this.#stopped = failWith;
    const before = lost ? null : this.#progress.results();
    let done = this.#work.done;
    try {
      for await (const rows of this.#job.rows()) {
        this.#findColumns();
        const again = rows.slice(0, done);
        done -= again.length;
        if (before) for (const row of again) this.#tell(row, await next(before));
        for (let start = again.length; start < rows.length && !this.#job.suspended; start += CHUNK)
          await this.#take(rows.slice(start, start + CHUNK));
        for (const file of Object.values(this.#results)) await file.flush(BLOCK);
        if (this.#job.suspended) break;
      }
    } catch (error) {
      if (!(error instanceof UploadError)) throw error;
      // What cannot be read cannot be given back row by row either; the message says why.
      this.#stopped ??= error.message;
    } finally {
      await before?.return(undefined);
      this.#releaseLocks();
    }
    return this.#stopped;
  }

  #findColumns(): void {
    if (this.#looked || this.#job.header.length === 0) return;
    this.#looked = true;
    const { org, session, table } = this.#work;
    const { info, header } = this.#job;
    const { operation, externalIdFieldName, assignmentRuleId } = info;
    const origin = `com/salesforce/api/bulkapi/${info.apiVersion}`;
    const lockOwner = info.id;
    try {
      const kind = { operation, externalIdFieldName, assignmentRuleId };
      this.#saver = new RowSaver({ org, session, table, ...kind, header, origin, lockOwner });
    } catch (error) {
      if (!(error instanceof UploadError)) throw error;
      this.#stopped ??= error.message;
    }
  }

  async #take(chunk: readonly UploadRow[]): Promise<void> {
    if (this.#saver === null || this.#stopped !== null || this.#job.aborted) {
      this.#leave(chunk);
      return;
    }
    const { failJobAfterRows } = this.#work.org.knobs;
    const room = failJobAfterRows > 0 ? Math.max(0, failJobAfterRows - this.#job.processed) : Infinity;
    const now = room < chunk.length ? chunk.slice(0, room) : chunk;
    await this.#save(this.#saver, now, chunk.length);
    if (now.length === chunk.length) return;
    this.#leave(chunk.slice(now.length));
    this.#stopped = 'InternalServerError : Unable to process the job: too many retries. Please try again later';
  }

  /** Saves rows at the org's pace, in one step with how far the job has come. */
  async #save(saver: RowSaver, rows: readonly UploadRow[], held: number): Promise<void> {
    const { rowsPerSecond } = this.#work.org.knobs;
    const job = this.#job;
    let told: readonly RowResult[] = [];
    const mark: ChunkMark = {
      jobId: job.info.id,
      rows: job.processed + rows.length,
      note: (results) => {
        told = results.map(rowResult);
        if (this.#work.durable) this.#progress.append(told);
      },
    };
    saver.save(rows, rowsPerSecond > 0 ? (held / rowsPerSecond) * 1000 : 0, mark, this.#batchLocks());
    for (const [index, result] of told.entries()) {
      const row = rows[index];
      if (row) this.#tell(row, result);
      if (result.error !== null) job.failed++;
    }
    job.processed += rows.length;
    this.#saved += rows.length;
    const due = rowsPerSecond > 0 ? (this.#saved / rowsPerSecond) * 1000 - (performance.now() - this.#startedAt) : 0;
    await pause(due, job.stop);
  }

  /** Locks of the batch that is worked on. They are free again when none of those that are worked on beside it is under way any more. */
  #batchLocks(): BatchLocks | null {
    const { batchesAtOnce, batchSize } = this.#work.org.knobs;
    if (batchesAtOnce === 1) return null;
    const batch = Math.floor(this.#job.processed / batchSize);
    const owner = (nth: number) => `${this.#job.info.id} ${nth}`;
    this.#work.org.data.locks.release(owner(batch - batchesAtOnce));
    return { owner: owner(batch) };
  }

  #releaseLocks(): void {
    const { batchesAtOnce, batchSize } = this.#work.org.knobs;
    if (batchesAtOnce === 1) return;
    const last = Math.floor(this.#job.processed / batchSize);
    for (let nth = Math.max(0, last - batchesAtOnce); nth <= last; nth++)
      this.#work.org.data.locks.release(`${this.#job.info.id} ${nth}`);
  }

  #tell(row: UploadRow, result: RowResult): void {
    const { successfulresults, failedresults } = this.#results;
    const text = resultRow(this.#saver?.targets ?? [], row.cells, result, this.#job.delimiter);
    if (result.error === null) successfulresults.push(text);
    else failedresults.push(text);
  }

  #leave(rows: readonly UploadRow[]): void {
    for (const row of rows) this.#results.unprocessedrecords.push(quotedRow(row.cells, this.#job.delimiter));
  }
}

async function next(results: AsyncGenerator<RowResult>): Promise<RowResult> {
  const { value } = (await results.next()) as { value: RowResult | undefined };
  if (value === undefined) throw new Error('the progress of a job has fewer results than rows');
  return value;
}
