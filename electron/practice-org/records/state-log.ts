import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { FolderLock } from './folder-lock.ts';
import type { OrgData } from './org-data.ts';
import {
  idOf,
  type BinReference,
  type Change,
  type RecordTable,
  type Stored,
  type StoredRecord,
} from './record-store.ts';

/** What the org was generated with: the log holds only what was written since. */
export interface Origin {
  readonly records: number;
  readonly seed: number;
}

type Entry =
  | ['origin', Origin]
  /** The order of the values in the lines after it, by field name: slots move when a schema file adds fields. */
  | ['fields', string, string[]]
  | ['put', string, Stored[]]
  | ['bin', string, Stored[], number, string, string]
  | ['purge', string, string]
  | ['token', string, string]
  | ['revoked', string]
  /** So many rows of a bulk job are done; null once the job has ended. */
  | ['job', string, number | null]
  /** So many lines after it are one step: all of them or none. */
  | ['together', number];

/**
 * Keeps an org's records between starts: generated data is made anew from its seed, and every write since is a line of
 * an append-only file. The file is written anew at a start when most of its lines are out of date.
 */
export class StateLog {
  readonly #path: string;
  readonly #lock: FolderLock;
  readonly #declared = new Set<RecordTable>();
  #file = -1;
  /** Where the last whole step ends, in bytes; a crash may have left something behind it. */
  #wholeUntil = 0;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#path = join(folder, 'records.jsonl');
    this.#lock = new FolderLock(folder);
  }

  /** What the kept state was generated with, or null if there is none. */
  origin(): Origin | null {
    for (const entry of this.#entries()) return entry[0] === 'origin' ? entry[1] : null;
    return null;
  }

  /**
   * Brings the kept writes into a freshly generated org. `tokens` hears of refresh tokens. Returns how many rows are done
   * of each bulk job that had not ended.
   */
  replay(
    data: OrgData,
    tokens: { added: (hash: string, username: string) => void; removed: (hash: string) => void },
  ): ReadonlyMap<string, number> {
    const orders = new Map<string, { table: RecordTable; slots: (number | null)[] }>();
    const companies = new Map<string, BinReference[]>();
    const touched = new Map<RecordTable, Set<string>>();
    const kept = new Map<string, string>();
    const jobs = new Map<string, number>();
    let lines = 0;
    const info = { userId: '', origin: '' };
    const record = (name: string, values: Stored[]): { table: RecordTable; record: StoredRecord } | null => {
      const order = orders.get(name);
      if (!order) return null;
      const made = data.rules(order.table).template.slice();
      values.forEach((value, index) => {
        const slot = order.slots[index];
        if (slot !== undefined && slot !== null) made[slot] = value;
      });
      order.table.noteUsed(idOf(made));
      let ids = touched.get(order.table);
      if (!ids) touched.set(order.table, (ids = new Set()));
      ids.add(idOf(made));
      return { table: order.table, record: made };
    };
    data.store.transaction(info, () => {
      for (const entry of this.#entries()) {
        lines++;
        switch (entry[0]) {
          case 'fields': {
            const table = data.store.table(entry[1]);
            if (table) orders.set(entry[1], { table, slots: entry[2].map((name) => table.field(name)?.slot ?? null) });
            break;
          }
          case 'put': {
            const found = record(entry[1], entry[2]);
            if (!found) break;
            found.table.bin.delete(idOf(found.record));
            found.table.set(found.record);
            break;
          }
          case 'bin': {
            const [, name, values, deletedAt, deletedBy, because] = entry;
            const found = record(name, values);
            if (!found) break;
            let company = companies.get(because);
            if (!company) companies.set(because, (company = []));
            const id = idOf(found.record);
            found.table.unset(id);
            found.table.bin.set(id, { record: found.record, deletedAt, deletedBy, because, company });
            company.push({ table: found.table, id });
            break;
          }
          case 'purge':
            orders.get(entry[1])?.table.unset(entry[2]);
            orders.get(entry[1])?.table.bin.delete(entry[2]);
            break;
          case 'token':
            kept.set(entry[1], entry[2]);
            break;
          case 'revoked':
            kept.delete(entry[1]);
            break;
          case 'job':
            if (entry[2] === null) jobs.delete(entry[1]);
            else jobs.set(entry[1], entry[2]);
            break;
          case 'origin':
          case 'together':
        }
      }
    });
    for (const [hash, username] of kept) tokens.added(hash, username);
    const live = [...touched.values()].reduce((sum, ids) => sum + ids.size, 0);
    if (lines > 10_000 && lines > 2 * (live + kept.size)) this.#compact(touched, kept, jobs);
    return jobs;
  }

  /** From now on every commit is written. */
  open(data: OrgData, origin: Origin): void {
    if (existsSync(this.#path)) truncateSync(this.#path, this.#wholeUntil);
    this.#file = openSync(this.#path, 'a');
    if (this.#wholeUntil === 0) this.#write([JSON.stringify(['origin', origin])]);
    data.store.onCommit(({ changes, info }) => {
      const lines: string[] = [];
      for (const change of changes) this.#lines(change, lines);
      if (info.mark) lines.push(JSON.stringify(['job', info.mark.jobId, info.mark.rows]));
      if (lines.length > 1) lines.unshift(JSON.stringify(['together', lines.length]));
      this.#write(lines);
    });
  }

  noteToken(hash: string, username: string): void {
    this.#write([JSON.stringify(['token', hash, username])]);
  }

  noteRevoked(hash: string): void {
    this.#write([JSON.stringify(['revoked', hash])]);
  }

  noteJobEnded(jobId: string): void {
    this.#write([JSON.stringify(['job', jobId, null])]);
  }

  /** Before anything is read: starts from nothing. */
  forget(): void {
    rmSync(this.#path, { force: true });
  }

  /** Forgets everything while running. */
  reset(origin: Origin): void {
    if (this.#file >= 0) closeSync(this.#file);
    rmSync(this.#path, { force: true });
    this.#declared.clear();
    this.#file = openSync(this.#path, 'a');
    this.#write([JSON.stringify(['origin', origin])]);
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
    this.#lock.release();
  }

  #lines(change: Change, lines: string[]): void {
    const { table } = change;
    if (table.object.event) return;
    const { name } = table.object;
    if (!this.#declared.has(table)) {
      this.#declared.add(table);
      lines.push(JSON.stringify(['fields', name, fieldOrder(table)]));
    }
    switch (change.type) {
      case 'CREATE':
      case 'UPDATE':
      case 'UNDELETE':
        lines.push(`["put",${JSON.stringify(name)},${JSON.stringify(change.after)}]`);
        break;
      case 'DELETE': {
        const { record, deletedAt, deletedBy, because } = change.binned;
        lines.push(JSON.stringify(['bin', name, record, deletedAt, deletedBy, because]));
        break;
      }
      case 'PURGE':
        lines.push(JSON.stringify(['purge', name, idOf(change.before)]));
    }
  }

  #write(lines: readonly string[]): void {
    if (this.#file >= 0 && lines.length > 0) writeSync(this.#file, `${lines.join('\n')}\n`);
  }

  #compact(
    touched: ReadonlyMap<RecordTable, ReadonlySet<string>>,
    tokens: ReadonlyMap<string, string>,
    jobs: ReadonlyMap<string, number>,
  ): void {
    const origin = this.origin();
    const next = `${this.#path}.new`;
    const file = openSync(next, 'w');
    const write = (value: unknown): void => void writeSync(file, `${JSON.stringify(value)}\n`);
    write(['origin', origin]);
    for (const [hash, username] of tokens) write(['token', hash, username]);
    for (const [jobId, rows] of jobs) write(['job', jobId, rows]);
    for (const [table, ids] of touched) {
      const { name } = table.object;
      write(['fields', name, fieldOrder(table)]);
      for (const id of ids) {
        const record = table.records.get(id);
        const binned = table.bin.get(id);
        if (record) write(['put', name, record]);
        else if (binned) write(['bin', name, binned.record, binned.deletedAt, binned.deletedBy, binned.because]);
        else write(['purge', name, id]);
      }
    }
    this.#wholeUntil = fstatSync(file).size;
    closeSync(file);
    renameSync(next, this.#path);
  }

  /** The entries of every whole step; a line or a step that a crash cut off is not taken. */
  *#entries(): Generator<Entry> {
    this.#wholeUntil = 0;
    if (!existsSync(this.#path)) return;
    let end = 0;
    let awaited = 0;
    let step: Entry[] = [];
    for (const line of wholeLines(this.#path)) {
      end += line.bytes;
      const entry = JSON.parse(line.text) as Entry;
      if (entry[0] === 'together') {
        awaited = entry[1];
        continue;
      }
      step.push(entry);
      if (step.length < awaited) continue;
      yield* step;
      this.#wholeUntil = end;
      step = [];
      awaited = 0;
    }
  }
}

/** The lines of a file that have their end, with their size in bytes. */
function* wholeLines(path: string): Generator<{ text: string; bytes: number }> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(4 * 1024 * 1024);
    let rest = Buffer.alloc(0);
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
      const bytes = Buffer.concat([rest, buffer.subarray(0, read)]);
      let start = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        yield { text: bytes.toString('utf8', start, end), bytes: end + 1 - start };
        start = end + 1;
      }
      rest = Buffer.from(bytes.subarray(start));
    }
  } finally {
    closeSync(file);
  }
}

function fieldOrder(table: RecordTable): string[] {
  // A slot whose field was removed has no name: its values are not taken up again.
  const names: string[] = [];
  for (const field of table.object.fields) names[field.slot] = field.name;
  return Array.from(names, (name: string | undefined) => name ?? '');
}
