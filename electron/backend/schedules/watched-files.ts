import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { JobId } from '../../../shared/domain/ids.ts';
import type { JobDefinition, JobSource } from '../../../shared/domain/job.ts';
import { SETTLE_SECONDS, type JobSchedule } from '../../../shared/domain/job-schedule.ts';
import { systemCode } from '../documents/durable-file.ts';
import { parseJson } from '../parse-json.ts';
import { findFiles } from '../jobs/find-files.ts';

/** A file as it was when it was looked at. */
export interface SeenFile {
  readonly path: string;
  readonly size: number;
  readonly modified: number;
}

export type Watched =
  | { readonly kind: 'due'; readonly files: readonly SeenFile[]; readonly mark: string }
  /** Others came, or they still change: to be looked at again after so many milliseconds. */
  | { readonly kind: 'settling'; readonly after: number }
  | { readonly kind: 'nothing' };

/**
 * Whether the files of watching jobs have come. A file is whole when its size and its time have been the same for some seconds: who
 * writes it need not tell. Names that others write under are no files yet (`findFiles`).
 */
export class WatchedFiles {
  readonly #elapsed: () => number;
  readonly #seen = new Map<JobId, { readonly mark: string; readonly since: number }>();

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** `taken` are the files that the job took last. Throws what keeps a folder from being looked into. */
  async look(
    jobId: JobId,
    { source }: Pick<JobDefinition, 'source'>,
    { settleSeconds = SETTLE_SECONDS }: Extract<JobSchedule, { kind: 'watch' }>,
    taken: string | null,
  ): Promise<Watched> {
    const files = await filesOf(source);
    const mark = markOf(files);
    const now = this.#elapsed();
    const settle = settleSeconds * 1000;
    const known = new Set(taken === null ? [] : filesOfMark(taken).map((file) => markOf([file])));
    // That one has gone brings nothing to load.
    if (files.every((file) => known.has(markOf([file])))) {
      this.#seen.delete(jobId);
      return { kind: 'nothing' };
    }
    const seen = this.#seen.get(jobId);
    if (seen?.mark !== mark) {
      this.#seen.set(jobId, { mark, since: now });
      return { kind: 'settling', after: settle };
    }
    const waited = now - seen.since;
    return waited < settle ? { kind: 'settling', after: settle - waited } : { kind: 'due', files, mark };
  }
}

const Mark = z.array(z.object({ path: z.string(), size: z.number(), modified: z.number() }));

/** What files are known by: where they lie, and how they were. */
function markOf(files: readonly SeenFile[]): string {
  return JSON.stringify(files);
}

/** The files that a mark is of. */
export function filesOfMark(mark: string): SeenFile[] {
  return Mark.parse(parseJson(mark));
}

/** None where one of them is not there: a job of several files waits for all. */
async function filesOf(source: JobSource): Promise<SeenFile[]> {
  try {
    const paths = await findFiles(source);
    const seen = await Promise.all(paths.map(seenAs));
    return seen.some((file) => file === null) ? [] : seen.filter((file) => file !== null);
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'JOB_NO_FILE') return [];
    throw error;
  }
}

/** Null where there is no such file. Throws `FILE_UNREADABLE`. */
export async function seenAs(path: string): Promise<SeenFile | null> {
  try {
    const facts = await stat(path);
    return facts.isFile() ? { path, size: facts.size, modified: facts.mtimeMs } : null;
  } catch (error) {
    const reason = systemCode(error) ?? 'unknown';
    if (reason === 'ENOENT') return null;
    throw new FailureError({ code: 'FILE_UNREADABLE', fileName: basename(path), reason });
  }
}
