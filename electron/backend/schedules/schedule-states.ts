import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { JobId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import { Skipped } from '../../../shared/domain/scheduled-job.ts';
import { DocumentStore } from '../documents/document-store.ts';
import { diskFailure } from '../documents/durable-file.ts';
import { FileLock } from '../documents/file-lock.ts';
import type { BackendPorts } from '../ports.ts';

const VERSION = 1;

/** What of a job's schedule is done. */
export const ScheduleState = z.object({
  jobId: JobId,
  /** The schedule that it is of: with another one, only what is due from then on counts. */
  schedule: z.string(),
  /** All that was due up to this moment is done, or passed over; in milliseconds. */
  last: z.number(),
  /** The files that a watching job last took, as they were. */
  files: z.string().nullable(),
  /** Begun and not done: where the process ended in between, it is begun again, so many times. */
  trying: z
    .object({
      at: z.number(),
      tries: z.number(),
      /** Its load has paused by itself: it is not gone on with before. */
      until: z.number().optional(),
    })
    .nullable(),
  /** What was last passed over, and why. */
  skipped: Skipped.nullable(),
  /** Why the last one could not even begin a run, or is not done yet; null where it did. */
  failure: z.looseObject({ code: z.string() }).nullable(),
});
export type ScheduleState = z.infer<typeof ScheduleState>;

/**
 * What of the schedules of a data folder is done, for all processes that begin jobs by themselves: an app that is open and the system's
 * timer. Whoever holds a job's lock is the one who looks whether it is due; it lets go once that is done.
 */
export class ScheduleStates {
  readonly #folder: string;
  readonly #store: DocumentStore<ScheduleState>;

  constructor({ paths }: Pick<BackendPorts, 'paths'>) {
    this.#folder = join(paths.data, 'schedules');
    this.#store = new DocumentStore({
      folder: this.#folder,
      kind: 'longshore-schedule-state',
      what: 'the state of a schedule',
      version: VERSION,
      schema: ScheduleState,
    });
  }

  /** As it stands for what the job's schedule is now; it is not written. Throws `DOCUMENT_UNREADABLE`. */
  async of(job: Job): Promise<ScheduleState> {
    return current(job, await this.#store.get(job.jobId));
  }

  /** Written down to outlast a power cut before this resolves. */
  change(job: Job, change: Partial<ScheduleState>): Promise<ScheduleState> {
    // Nobody calls it off: what is done must not be done again.
    const { signal } = new AbortController();
    return this.#store.change(job.jobId, signal, (state) => ({ ...current(job, state), ...change }));
  }

  /**
   * Writes down what came of a job that was begun, whatever schedule it has been given since. Where it has none any more, or is removed,
   * there is nothing to write.
   */
  async note(jobId: JobId, change: (state: ScheduleState) => Partial<ScheduleState>): Promise<void> {
    const { signal } = new AbortController();
    await this.#store.change(jobId, signal, (state) => state && { ...state, ...change(state) });
  }

  /** What was due is done. What has been passed over since, as the job got another schedule, stays so. */
  done(
    jobId: JobId,
    due: { readonly at: number; readonly mark: string | null },
    failure: ScheduleState['failure'],
  ): Promise<void> {
    return this.note(jobId, ({ last }) => ({
      ...(due.mark === null ? { last: Math.max(last, due.at) } : { files: due.mark }),
      trying: null,
      failure,
    }));
  }

  /** The right to look whether a job is due, and to begin it; null where another process has it. */
  async take(jobId: JobId): Promise<FileLock | null> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw diskFailure(error, 'the state of a schedule');
    });
    const taken = await FileLock.take(join(this.#folder, `${jobId}.begun`));
    return 'lock' in taken ? taken.lock : null;
  }

  async forget(jobId: JobId): Promise<void> {
    await rm(join(this.#folder, `${jobId}.json`), { force: true }).catch((error: unknown) => {
      throw diskFailure(error, 'the state of a schedule');
    });
  }
}

function current({ jobId, changedAt, definition }: Job, state: ScheduleState | null): ScheduleState {
  const schedule = JSON.stringify(definition.schedule ?? null);
  if (state?.schedule === schedule) return state;
  const last = Math.max(state?.last ?? 0, changedAt);
  return { jobId, schedule, last, files: state?.files ?? null, trying: null, skipped: null, failure: null };
}
