import type { Stored } from './record-store.ts';
import type { Field } from '../schema/schema.ts';

/**
 * The values a caller gives a record, by field. A bulk job makes one for each of its rows, so it is a list and a table by
 * slot instead of a Map, which costs a third of the whole save.
 */
export class AssignedValues {
  readonly fields: Field[] = [];
  readonly #bySlot: (Stored | undefined)[] = [];

  set(field: Field, value: Stored): void {
    if (this.#bySlot[field.slot] === undefined) this.fields.push(field);
    this.#bySlot[field.slot] = value;
  }

  /** Undefined where nothing was said; null where the caller said null. */
  get(field: Field): Stored | undefined {
    return this.#bySlot[field.slot];
  }

  has(field: Field): boolean {
    return this.#bySlot[field.slot] !== undefined;
  }

  /** For the next row of the same job. */
  clear(): void {
    for (const field of this.fields) this.#bySlot[field.slot] = undefined;
    this.fields.length = 0;
  }
}
