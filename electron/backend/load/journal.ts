import { createHash } from 'node:crypto';
import { access, open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { parseJson } from '../parse-json.ts';
import { diskFailure, syncFolder, systemCode, writeDurably } from '../documents/durable-file.ts';
import { ImpossibleStep, standOf, type JournalStand } from './journal-stand.ts';
import { JournalStep } from './journal-steps.ts';

/** Of the records. One of another version is refused: what it means is not known. */
const VERSION = 1;
const FILE_NAME = 'journal.jsonl';
/** `<records> <checksum>`: how far the journal had come when a job was last about to be closed. */
const MARK_NAME = 'journal.mark';
/** No checksum comes before the first record's. */
const NOTHING = '';

type Damage = Extract<Failure, { code: 'JOURNAL_DAMAGED' }>['problem'];

function damaged(problem: Damage, line: number): FailureError {
  return new FailureError({ code: 'JOURNAL_DAMAGED', problem, line });
}

/** A record's checksum covers all records before it, so that none can be missing from between, or stand elsewhere. */
function checksum(before: string, json: string): string {
  return createHash('sha256').update(before).update(json).digest('hex').slice(0, 32);
}

export interface ReadJournal {
  readonly steps: JournalStep[];
  /** Of each record. */
  readonly checksums: string[];
  /** Bytes of whole records: what comes after them was torn off by a kill, and is no record. */
  readonly bytes: number;
}

/**
 * The records of a journal: a line each of `<checksum> <JSON of {v, n, step}>`. Only an unfinished last line is forgiven;
 * anything else that cannot be read throws `JOURNAL_DAMAGED`.
 */
export function readJournal(content: Buffer): ReadJournal {
  const bytes = content.lastIndexOf(0x0a) + 1;
  const lines = content.subarray(0, bytes).toString('utf8').split('\n').slice(0, -1);
  const steps: JournalStep[] = [];
  const checksums: string[] = [];
  for (const [index, line] of lines.entries()) {
    const [, sum = '', json = ''] = /^([0-9a-f]{32}) (.*)$/.exec(line) ?? [];
    if (checksum(checksums.at(-1) ?? NOTHING, json) !== sum) throw damaged('checksum', index + 1);
    const record = parseJson(json);
    if (typeof record !== 'object' || record === null) throw damaged('checksum', index + 1);
    const { v, n, step } = record as Record<string, unknown>;
    const parsed = JournalStep.safeParse(step);
    if (v !== VERSION || n !== index + 1 || !parsed.success) throw damaged('version', index + 1);
    steps.push(parsed.data);
    checksums.push(sum);
  }
  return { steps, checksums, bytes };
}

/** The append-only record of a load. One process writes it, under the load's lock. */
export class Journal {
  readonly #folder: string;
  readonly #file: FileHandle;
  #records: number;
  #checksum: string;
  /** Why nothing more may be written: what a failed write left behind is only known when the journal is opened anew. */
  #broken: FailureError | null = null;
  #turn: Promise<void> = Promise.resolve();

  private constructor(folder: string, file: FileHandle, checksums: readonly string[]) {
    this.#folder = folder;
    this.#file = file;
    this.#records = checksums.length;
    this.#checksum = checksums.at(-1) ?? NOTHING;
  }

  /** Begins a load's journal, durably. Throws `DISK_FULL`, `DISK_REFUSED`; also where there is one already. */
  static async begin(folder: string, begun: Extract<JournalStep, { step: 'BEGUN' }>): Promise<void> {
    let journal: Journal;
    try {
      const file = await open(join(folder, FILE_NAME), 'wx', 0o600);
      journal = new Journal(folder, file, []);
    } catch (error) {
      throw diskFailure(error, WHAT);
    }
    try {
      await journal.write(begun);
      await syncFolder(folder);
    } finally {
      await journal.close();
    }
  }

  /** Opens the journal of a load that was begun. A torn last record is cut off. Throws `JOURNAL_DAMAGED`. */
  static async open(folder: string): Promise<{ journal: Journal; stand: JournalStand }> {
    const path = join(folder, FILE_NAME);
    const { content, read, stand } = await readWhole(folder);
    let file: FileHandle | null = null;
    try {
      file = await open(path, 'a', 0o600);
      if (read.bytes < content.length) {
        await file.truncate(read.bytes);
        await file.datasync();
      }
      return { journal: new Journal(folder, file, read.checksums), stand };
    } catch (error) {
      await file?.close();
      throw diskFailure(error, WHAT);
    }
  }

  /** Says of a finished load that its second step is tried once more. Throws as `open` and `write` do. */
  static async reopen(folder: string): Promise<void> {
    const { journal } = await Journal.open(folder);
    try {
      await journal.write({ step: 'REOPENED' });
    } finally {
      await journal.close();
    }
  }

  static async isThere(folder: string): Promise<boolean> {
    try {
      await access(join(folder, FILE_NAME));
      return true;
    } catch (error) {
      return systemCode(error) !== 'ENOENT';
    }
  }

  /** When a journal was last written to, ms; endlessly late where that can't be told. */
  static async lastWritten(folder: string): Promise<number> {
    const found = await stat(join(folder, FILE_NAME)).catch(() => null);
    return found?.mtimeMs ?? Infinity;
  }

  /** What a journal says, for who does not write it. Throws `JOURNAL_DAMAGED`. */
  static async look(folder: string): Promise<JournalStand> {
    return (await readWhole(folder)).stand;
  }

  /**
   * Notes beside the journal how far it has come. Made before a job is closed: a journal that was cut off cleanly, or brought
   * back from a copy, would otherwise say that the job can still be thrown away.
   */
  mark(): Promise<void> {
    return this.#inTurn(() =>
      writeDurably(join(this.#folder, MARK_NAME), `${this.#records} ${this.#checksum}\n`, WHAT),
    );
  }

  /** On disk when this returns. Throws `DISK_FULL` or `DISK_REFUSED`, and then takes nothing more. */
  write(step: JournalStep): Promise<void> {
    return this.#inTurn(() => this.#append(step));
  }

  /** Parts that are worked on at the same time write one after another: a mark that came later would take back what a newer one says. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #append(step: JournalStep): Promise<void> {
    if (this.#broken) throw this.#broken;
    const json = JSON.stringify({ v: VERSION, n: this.#records + 1, step });
    const sum = checksum(this.#checksum, json);
    try {
      await this.#file.appendFile(`${sum} ${json}\n`);
      await this.#file.datasync();
    } catch (error) {
      this.#broken = diskFailure(error, WHAT);
      throw this.#broken;
    }
    this.#records++;
    this.#checksum = sum;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#file.close();
  }
}

const WHAT = 'the load’s journal';

/** A file's bytes, or null if there is none. Throws `JOURNAL_DAMAGED`. */
async function contentOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw damaged('unreadable', 0);
  }
}

async function readWhole(folder: string): Promise<{ content: Buffer; read: ReadJournal; stand: JournalStand }> {
  // The mark first: it is never ahead of a journal that is read after it.
  const mark = await contentOf(join(folder, MARK_NAME));
  const content = await contentOf(join(folder, FILE_NAME));
  // A journal is begun before anything else: one without records has lost them.
  if (content === null || content.length === 0) throw damaged('missing', 0);
  const read = readJournal(content);
  if (read.steps.length === 0) throw damaged('missing', 0);
  holdToMark(mark, read);
  try {
    return { content, read, stand: standOf(read.steps) };
  } catch (error) {
    if (error instanceof ImpossibleStep) throw damaged('order', error.index + 1);
    throw error;
  }
}

function holdToMark(mark: Buffer | null, { checksums }: ReadJournal): void {
  if (mark === null) return;
  const [, records, sum] = /^(\d+) ([0-9a-f]{32})\n$/.exec(mark.toString('utf8')) ?? [];
  if (records === undefined || checksums[Number(records) - 1] !== sum) throw damaged('cut-off', checksums.length);
}
