import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { JobId, type RunId } from '../../../shared/domain/ids.ts';
import { hasEnded, Run } from '../../../shared/domain/run.ts';
import { diskFailure, systemCode } from '../documents/durable-file.ts';
import { DocumentStore, type UnreadableDocument } from '../documents/document-store.ts';
import { FileLock } from '../documents/file-lock.ts';
import type { BackendPorts } from '../ports.ts';

const VERSION = 1;
/** A job that runs each hour has the runs of three weeks: what its loads did is in their own reports. */
const KEPT = 500;

/** The runs of one job, in a folder of their own. */
export class JobRuns {
  readonly #folder: string;
  readonly #store: DocumentStore<Run>;

  constructor({ paths }: Pick<BackendPorts, 'paths'>, jobId: JobId) {
    this.#folder = join(paths.data, 'runs', jobId);
    this.#store = new DocumentStore({
      folder: this.#folder,
      kind: 'longshore-run',
      what: 'a run',
      version: VERSION,
      schema: Run,
    });
  }

  /** A run of whichever job. Throws `RUN_UNKNOWN`, `DOCUMENT_UNREADABLE`. */
  static async find(ports: Pick<BackendPorts, 'paths'>, runId: RunId): Promise<Run> {
    for (const jobId of await jobsWithRuns(ports)) {
      const run = await new JobRuns(ports, jobId).#store.get(runId);
      if (run) return run;
    }
    throw new FailureError({ code: 'RUN_UNKNOWN' });
  }

  /** The latest first, and those that can't be read. */
  async list(): Promise<{ runs: Run[]; unreadable: UnreadableDocument[] }> {
    const { documents, unreadable } = await this.#store.list();
    return { runs: documents.sort((one, other) => other.startedAt - one.startedAt), unreadable };
  }

  /** Written down to outlast a power cut before this resolves. Nobody calls it off: what a run has come to is to be known. */
  async save(run: Run): Promise<void> {
    await this.#store.change(run.runId, new AbortController().signal, () => run);
  }

  async prune(): Promise<void> {
    const ended = (await this.list()).runs.filter(hasEnded);
    for (const { runId } of ended.slice(KEPT)) await this.#remove(runId);
  }

  async #remove(runId: RunId): Promise<void> {
    await this.#store.change(runId, new AbortController().signal, () => null);
  }

  /** The right to run the job, which one process has at a time. Throws `JOB_RUNNING`. */
  async take(name: string): Promise<FileLock> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw diskFailure(error, 'a run');
    });
    const taken = await FileLock.take(join(this.#folder, 'running'));
    if ('lock' in taken) return taken.lock;
    const { pid, host } = taken.holder;
    throw new FailureError({ code: 'JOB_RUNNING', name, pid, host });
  }

  /** With all that is in it; only by who has the right to run the job. */
  async removeAll(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true }).catch((error: unknown) => {
      throw diskFailure(error, 'the runs of a job');
    });
  }
}

async function jobsWithRuns({ paths }: Pick<BackendPorts, 'paths'>): Promise<JobId[]> {
  const names = await readdir(join(paths.data, 'runs')).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskFailure(error, 'the runs of jobs');
  });
  return names.flatMap((name) => JobId.safeParse(name).data ?? []);
}
