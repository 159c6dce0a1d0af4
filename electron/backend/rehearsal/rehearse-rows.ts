import { FailureError } from '../../../shared/contract/failure.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { Refusal, RehearsalReport } from '../../../shared/domain/rehearsal.ts';
import type { SaveItem } from '../load/collection-client.ts';
import type { SavedRecord } from '../plan/saved-record.ts';

export interface TriedRow {
  readonly row: number;
  readonly record: SavedRecord;
}

/** Sends records as one collection with `allOrNone`, and gives what the org said of each. */
export type SendAll = (records: readonly SavedRecord[]) => Promise<SaveItem[]>;

/** How a row is marked that was fine and went back with the others (SOAP API guide, "StatusCode"). */
const ROLLED_BACK = 'ALL_OR_NONE_OPERATION_ROLLED_BACK';

/**
 * Tries of one collection: rows that are refused at one stage of a save hide what would be said of the others at a later one, so
 * these are sent again without them.
 */
const ROUNDS = 6;

/** Different refusals that are told. */
const TOLD = 200;
const EXAMPLES = 20;

/**
 * Gives an org rows as a load would, so that its validation rules, triggers and duplicate rules say what they think of them, and
 * has all of it rolled back. That nothing stays rests on three things: `allOrNone` "rolls back the entire request when the creation
 * of any object fails" (REST API Developer Guide, "Create Records Using sObject Collections"; "when the deletion of any object
 * fails", in "Delete Records Using sObject Collections"); the last record of each request is
 * one that must fail; and each answer is looked into before the next request is sent. That record is of another object, so that it
 * comes up only after the rows have been through everything: "objects are created in the order they're listed" (of an update:
 * "updated"), and those of several types "are processed as chunks" (the same guide, "Create" and "Update Records Using sObject
 * Collections"). The page about deletes says neither, only that the results come "in the order in which the IDs … were specified": there
 * `begin` sees whether a record of the rows' own object is answered for itself beside the one that must fail.
 */
export class Rehearsal {
  readonly #send: SendAll;
  readonly #mustFail: SavedRecord;
  readonly #witness: SavedRecord | null;
  readonly #refusals = new Map<string, Refusal>();
  #more = 0;
  #counts = { tried: 0, refused: 0, unsettled: 0, calls: 0 };

  /** `witness` is a record of the rows' object that must fail as well, where the order of work is not documented. */
  constructor(send: SendAll, mustFail: SavedRecord, witness: SavedRecord | null = null) {
    this.#send = send;
    this.#mustFail = mustFail;
    this.#witness = witness;
  }

  get tried(): number {
    return this.#counts.tried;
  }

  /**
   * Sees that the record that must fail does, and that it does not keep the org from working on the others. Throws `REHEARSAL_UNSAFE`,
   * and `REHEARSAL_WROTE` should something have been written.
   */
  async begin(): Promise<void> {
    const [first] = await this.#call(this.#witness ? [this.#witness] : []);
    const isAnswered = first?.errors.some(({ statusCode }) => statusCode !== ROLLED_BACK);
    if (this.#witness && !isAnswered) throw new FailureError({ code: 'REHEARSAL_UNSAFE' });
  }

  /** At most one collection's worth. Throws as `begin` does. */
  async try(rows: readonly TriedRow[]): Promise<void> {
    this.#counts.tried += rows.length;
    let open = rows;
    for (let round = 0; round < ROUNDS && open.length > 0; round++) {
      const items = await this.#call(open.map(({ record }) => record));
      const rest: TriedRow[] = [];
      for (const [index, row] of open.entries()) {
        const errors = items[index]?.errors.filter(({ statusCode }) => statusCode !== ROLLED_BACK) ?? [];
        if (errors.length === 0) rest.push(row);
        else this.#refuse(row, errors);
      }
      if (rest.length === open.length) return;
      open = rest;
    }
    this.#counts.unsettled += open.length;
  }

  report(): Omit<RehearsalReport, 'untried'> {
    const { tried, refused, unsettled, calls } = this.#counts;
    const refusals = [...this.#refusals.values()].sort((a, b) => b.rows - a.rows);
    return {
      tried,
      passed: tried - refused - unsettled,
      refused,
      unsettled,
      calls,
      refusals,
      moreRefusals: this.#more,
    };
  }

  async #call(records: readonly SavedRecord[]): Promise<SaveItem[]> {
    this.#counts.calls++;
    const items = await this.#send([...records, this.#mustFail]);
    const written = items.filter(({ success }) => success);
    if (written.length > 0) {
      throw new FailureError({ code: 'REHEARSAL_WROTE', records: written.map(({ id }) => id ?? '') });
    }
    const said = items.some(({ errors }) => errors.some(({ statusCode }) => statusCode !== ROLLED_BACK));
    if (items.length !== records.length + 1 || !said) throw new FailureError({ code: 'REHEARSAL_UNSAFE' });
    return items;
  }

  #refuse({ row }: TriedRow, errors: SaveItem['errors']): void {
    this.#counts.refused++;
    const [first] = errors;
    if (!first) return;
    const { statusCode, message, fields } = first;
    const key = JSON.stringify([statusCode, message, fields]);
    const known = this.#refusals.get(key);
    if (!known && this.#refusals.size >= TOLD) {
      this.#more++;
      return;
    }
    const examples = [...(known?.examples ?? []), SourceRowNumber.parse(row)].slice(0, EXAMPLES);
    this.#refusals.set(key, { statusCode, message, fields, rows: (known?.rows ?? 0) + 1, examples });
  }
}
