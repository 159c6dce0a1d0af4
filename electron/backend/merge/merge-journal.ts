import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { Digest } from '../../../shared/domain/ids.ts';
import { GroupUndo, MergeCell } from '../../../shared/domain/merge.ts';
import { diskFailure, syncFolder, systemCode } from '../documents/durable-file.ts';
import { parseJson } from '../parse-json.ts';

export const MERGE_JOURNAL = 'journal.jsonl';
const WHAT = 'the journal of the merge';

/** What was done of a merge: the truth about it after a kill. `SENDING` comes before a call, the others after its answer. */
export const MergeStep = z.discriminatedUnion('step', [
  z.object({ step: z.literal('BEGUN'), planDigest: Digest }),
  z.object({ step: z.literal('SENDING'), round: z.number(), groups: z.array(z.number()) }),
  /** `unseen`: records that moved, as the org says, and that were not among the children. */
  z.object({ step: z.literal('DONE'), group: z.number(), round: z.number(), unseen: z.number() }),
  /** Sent, and as the org says not merged: to be sent again. */
  z.object({ step: z.literal('NOT_DONE'), groups: z.array(z.number()) }),
  z.object({ step: z.literal('REFUSED'), group: z.number(), message: z.string() }),
  z.object({ step: z.literal('MOVED'), group: z.number(), message: z.string() }),
  /** Values that the master has since, by field, of those that were others before. */
  z.object({ step: z.literal('WRITTEN'), group: z.number(), values: z.record(z.string(), MergeCell) }),
  z.object({ step: z.literal('ENDED') }),
  z.object({ step: z.literal('UNDO_BEGUN'), undoDigest: Digest }),
  z.object({ step: z.literal('UNDONE'), group: z.number(), undo: GroupUndo }),
  z.object({ step: z.literal('UNDO_ENDED') }),
]);
export type MergeStep = z.infer<typeof MergeStep>;

/** Where a group stands, as the journal says. */
export interface GroupStand {
  /** Rounds that are merged. */
  rounds: number;
  /** The round that was sent and has no answer; null for none. */
  sending: number | null;
  /** Why it does not go on. */
  stopped: { kind: 'failed' | 'moved'; message: string } | null;
  /** Null until the master was read afterwards. */
  written: Record<string, MergeCell> | null;
  unseen: number;
  undo: GroupUndo | null;
}

export interface MergeStand {
  planDigest: Digest | null;
  ended: boolean;
  undo: 'none' | 'begun' | 'ended';
  readonly groups: Map<number, GroupStand>;
}

export function standOfGroup({ groups }: Pick<MergeStand, 'groups'>, group: number): GroupStand {
  let stand = groups.get(group);
  if (!stand) {
    stand = { rounds: 0, sending: null, stopped: null, written: null, unseen: 0, undo: null };
    groups.set(group, stand);
  }
  return stand;
}

/** Takes a step into account. */
export function follow(stand: MergeStand, step: MergeStep): void {
  switch (step.step) {
    case 'BEGUN':
      stand.planDigest = step.planDigest;
      return;
    case 'SENDING':
      for (const group of step.groups) standOfGroup(stand, group).sending = step.round;
      return;
    case 'DONE': {
      const group = standOfGroup(stand, step.group);
      group.rounds = Math.max(group.rounds, step.round + 1);
      group.unseen += step.unseen;
      group.sending = null;
      return;
    }
    case 'NOT_DONE':
      for (const group of step.groups) standOfGroup(stand, group).sending = null;
      return;
    case 'REFUSED':
    case 'MOVED': {
      const group = standOfGroup(stand, step.group);
      group.sending = null;
      group.stopped = { kind: step.step === 'MOVED' ? 'moved' : 'failed', message: step.message };
      return;
    }
    case 'WRITTEN':
      standOfGroup(stand, step.group).written = step.values;
      return;
    case 'ENDED':
      stand.ended = true;
      return;
    case 'UNDO_BEGUN':
      stand.undo = 'begun';
      return;
    case 'UNDONE':
      standOfGroup(stand, step.group).undo = step.undo;
      return;
    case 'UNDO_ENDED':
      stand.undo = 'ended';
  }
}

/** The append-only record of a merge. One process writes it, under the merge's lock. */
export class MergeJournal {
  readonly #file: FileHandle;
  readonly stand: MergeStand;

  private constructor(file: FileHandle, stand: MergeStand) {
    this.#file = file;
    this.stand = stand;
  }

  /** Opens or begins it. What a kill left of a last line is cut off. Throws `JOURNAL_DAMAGED`, `DISK_FULL`, `DISK_REFUSED`. */
  static async open(folder: string): Promise<MergeJournal> {
    const { stand, bytes } = await read(folder);
    try {
      const file = await open(join(folder, MERGE_JOURNAL), 'a', 0o600);
      await file.truncate(bytes);
      await syncFolder(folder);
      return new MergeJournal(file, stand);
    } catch (error) {
      throw diskFailure(error, WHAT);
    }
  }

  /** How a merge stands, for who does not run it. */
  static async look(folder: string): Promise<MergeStand> {
    return (await read(folder)).stand;
  }

  /** On disk when this returns. */
  async write(...steps: readonly MergeStep[]): Promise<void> {
    if (steps.length === 0) return;
    try {
      await this.#file.appendFile(steps.map((step) => `${JSON.stringify(step)}\n`).join(''));
      await this.#file.datasync();
    } catch (error) {
      throw diskFailure(error, WHAT);
    }
    for (const step of steps) follow(this.stand, step);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

async function read(folder: string): Promise<{ stand: MergeStand; bytes: number }> {
  const stand: MergeStand = { planDigest: null, ended: false, undo: 'none', groups: new Map() };
  let content: Buffer;
  try {
    content = await readFile(join(folder, MERGE_JOURNAL));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { stand, bytes: 0 };
    throw new FailureError({ code: 'JOURNAL_DAMAGED', problem: 'unreadable', line: 0 });
  }
  const bytes = content.lastIndexOf(10) + 1;
  const lines = content.subarray(0, bytes).toString('utf8').split('\n').slice(0, -1);
  for (const [index, line] of lines.entries()) {
    const step = MergeStep.safeParse(parseJson(line));
    if (!step.success) throw new FailureError({ code: 'JOURNAL_DAMAGED', problem: 'checksum', line: index + 1 });
    follow(stand, step.data);
  }
  return { stand, bytes };
}
