import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';

/**
 * Written and fsynced before each network call of a load, so that a process killed at any point can go on
 * without sending a row twice. `CLOSING` is the commit point of a part: before it the job can be thrown away,
 * from it on only reads are allowed until the job's state is known.
 */
const JournalStep = z.discriminatedUnion('step', [
  z.object({ step: z.literal('PLANNED'), parts: z.array(z.object({ part: z.number(), rows: z.number() })) }),
  z.object({ step: z.literal('CREATING'), part: z.number() }),
  z.object({ step: z.literal('CREATED'), part: z.number(), jobId: z.string() }),
  z.object({ step: z.literal('UPLOADING'), part: z.number() }),
  z.object({ step: z.literal('UPLOADED'), part: z.number(), bytes: z.number() }),
  z.object({ step: z.literal('CLOSING'), part: z.number() }),
  z.object({ step: z.literal('CLOSED'), part: z.number() }),
  z.object({
    step: z.literal('TERMINAL'),
    part: z.number(),
    state: z.string(),
    processed: z.number(),
    failed: z.number(),
  }),
  z.object({ step: z.literal('RESULTS'), part: z.number(), sha256: z.record(z.string(), z.string()) }),
  z.object({ step: z.literal('RECONCILED'), part: z.number() }),
  /** A part that was given up before its commit point, and will be sent by another job. */
  z.object({ step: z.literal('DISCARDED'), part: z.number(), jobId: z.string() }),
  z.object({ step: z.literal('CANCELLED') }),
  z.object({ step: z.literal('FINISHED') }),
]);
export type JournalStep = z.infer<typeof JournalStep>;

/** Where a part stands, from the journal alone. */
export interface PartState {
  readonly part: number;
  readonly rows: number;
  step: JournalStep['step'];
  jobId: string | null;
  terminal: { state: string; processed: number; failed: number } | null;
}

export class Journal {
  readonly #file: FileHandle;
  readonly #lock: string;

  private constructor(file: FileHandle, lock: string) {
    this.#file = file;
    this.#lock = lock;
  }

  /** Opens a load's journal for this process alone. Throws `LOAD_OPEN_ELSEWHERE` if another living process has it. */
  static async open(folder: string): Promise<{ journal: Journal; steps: JournalStep[] }> {
    const lock = join(folder, 'lock');
    await takeLock(lock);
    const path = join(folder, 'journal.jsonl');
    const steps = readSteps(await readFile(path, 'utf8').catch(() => ''));
    return { journal: new Journal(await open(path, 'a', 0o600), lock), steps };
  }

  /** On disk when this returns. Throws `DISK_FULL`, which stops a load before its commit point. */
  async write(step: JournalStep): Promise<void> {
    try {
      await this.#file.appendFile(`${JSON.stringify(step)}\n`);
      await this.#file.datasync();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
        throw new FailureError({ code: 'DISK_FULL', what: 'the load’s journal' });
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
    await rm(this.#lock, { force: true });
  }
}

/** Steps of a journal's text. A torn last line is what a kill leaves behind, and is no step. */
export function readSteps(text: string): JournalStep[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [JournalStep.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

export function partStates(steps: readonly JournalStep[]): PartState[] {
  const planned = steps.find((step) => step.step === 'PLANNED');
  const parts: PartState[] = (planned?.parts ?? []).map(({ part, rows }) => ({
    part,
    rows,
    step: 'PLANNED',
    jobId: null,
    terminal: null,
  }));
  for (const step of steps) {
    const part = 'part' in step ? parts.find((candidate) => candidate.part === step.part) : undefined;
    if (!part) continue;
    part.step = step.step;
    if (step.step === 'CREATED') part.jobId = step.jobId;
    if (step.step === 'DISCARDED') part.jobId = null;
    if (step.step === 'TERMINAL') part.terminal = { state: step.state, processed: step.processed, failed: step.failed };
  }
  return parts;
}

async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      const file = await open(lock, 'wx', 0o600);
      await file.write(String(process.pid));
      await file.close();
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const pid = Number(readFileSync(lock, 'utf8'));
      if (pid !== process.pid && isAlive(pid)) throw new FailureError({ code: 'LOAD_OPEN_ELSEWHERE', pid, host: '' });
      await rm(lock, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
