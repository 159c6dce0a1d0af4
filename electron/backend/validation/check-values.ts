import { sentColumns, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { CheckColumnRequest, ColumnFormats } from '../staging/staging-functions.ts';
import { digestOf } from '../digest-of.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { createTable, tablesOf, VALUE_ISSUE } from '../tables/tables.ts';
import { findRepeats } from './find-repeats.ts';
import { findRowIssues } from './find-row-issues.ts';
import { findUniqueRepeats } from './find-unique-repeats.ts';
import { secondCells } from './read-second.ts';
import { groupRemarks } from './group-remarks.ts';
import { idPrefixes, ruleField, type CheckInput } from './rule-field.ts';

/** Reads every cell of the mapped columns by its field's rules and leaves what it found in the source's database (tables/). */
export class ValueChecker {
  readonly #staging: Pick<StagingClient, 'until' | 'checkColumn'>;
  /** What each column was last checked as, so that changing one column's target reads only that column again. */
  readonly #checked = new Map<string, { key: string; formats: ColumnFormats }>();

  /** By database what its tables of checked rows were last made of, as a whole. */
  readonly #made = new Map<string, string>();
  /** The same of its grouped remarks. */
  readonly #grouped = new Map<string, string>();

  constructor(staging: Pick<StagingClient, 'until' | 'checkColumn'>) {
    this.#staging = staging;
  }

  /** Forgets what was checked of a source, whose tables are gone with its rows. */
  forget(alias: string): void {
    for (const id of this.#checked.keys()) if (id.startsWith(`${alias} `)) this.#checked.delete(id);
    this.#made.delete(alias);
    this.#grouped.delete(alias);
  }

  /** Whether the tables are of this check, and not of another mapping's that came after it. */
  isLast(input: CheckInput): boolean {
    return this.#made.get(input.source.alias) === wholeOf(input);
  }

  /** Whether the remarks that were grouped last are this check's. */
  isGrouped(input: CheckInput): boolean {
    return this.#grouped.get(input.source.alias) === wholeOf(input);
  }

  /** Groups the remarks of a check that was the last, unless they are. */
  async group(input: CheckInput, signal: AbortSignal): Promise<void> {
    if (this.isGrouped(input)) return;
    this.#grouped.delete(input.source.alias);
    await groupRemarks(this.#staging.until(signal), input);
    this.#grouped.set(input.source.alias, wholeOf(input));
  }

  async check(
    input: CheckInput,
    signal: AbortSignal,
    progress: (done: number, total: number) => void,
  ): Promise<Map<number, ColumnFormats>> {
    const { source, mapping } = input;
    const staging = this.#staging.until(signal);
    const columns = sentColumns(mapping);
    const { valueIssue, named } = tablesOf(source.alias);
    await staging.run(createTable(valueIssue, VALUE_ISSUE, 'keep'));
    const formats = new Map<number, ColumnFormats>();
    for (const [index, column] of columns.entries()) {
      progress(index, columns.length + 1);
      formats.set(column.column, await this.#checkColumn(input, column, signal));
    }
    for (const { lookup, column, field, into } of secondCells(mapping, columns, input.parents)) {
      await staging.run(createTable(named(into.issues), VALUE_ISSUE, 'keep'));
      await this.#read(input, `${lookup} second`, { column, field, keyPrefixes: [], into }, signal);
    }
    progress(columns.length, columns.length + 1);
    // As when a plan is built of what has just been looked at.
    if (this.isLast(input)) return formats;
    this.#made.delete(source.alias);
    await findRowIssues(staging, input, columns);
    await findRepeats(staging, input, columns);
    await findUniqueRepeats(staging, input);
    this.#made.set(source.alias, wholeOf(input));
    return formats;
  }

  #checkColumn(input: CheckInput, column: MappedColumn, signal: AbortSignal): Promise<ColumnFormats> {
    const field = ruleField(column, input.describe, input.parents);
    return this.#read(input, String(column.column), { column, field, keyPrefixes: idPrefixes(column, input) }, signal);
  }

  /** `what` names the tables that come of it. */
  async #read(
    { source, timeZone }: CheckInput,
    what: string,
    request: Omit<CheckColumnRequest, 'alias' | 'timeZone'>,
    signal: AbortSignal,
  ): Promise<ColumnFormats> {
    const { column, field, keyPrefixes } = request;
    const id = `${source.alias} ${what}`;
    const rules = [
      source.digest,
      column.column,
      column.format,
      column.replacements,
      column.fixes,
      field,
      keyPrefixes,
      timeZone,
    ];
    const key = JSON.stringify(rules);
    const known = this.#checked.get(id);
    if (known?.key === key) return known.formats;
    // Called off in the middle, it leaves neither the old tables nor the new.
    this.#checked.delete(id);
    this.#made.delete(source.alias);
    const formats = await this.#staging.checkColumn({ ...request, alias: source.alias, timeZone }, signal);
    this.#checked.set(id, { key, formats });
    return formats;
  }
}

/** All that a check goes by, in a word. */
function wholeOf({ source, mapping, describe, parents, timeZone }: CheckInput): string {
  return digestOf([source.digest, mapping, describe, [...parents], timeZone]);
}
