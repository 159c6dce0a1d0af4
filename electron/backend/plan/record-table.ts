import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import { canonicalSql, usualFormSql } from '../match/canonical-sql.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { quoteName } from '../tables/quote.ts';
import { createTable, recordShape, storedName, tablesOf } from '../tables/tables.ts';
import type { RecordColumn } from './record-request.ts';

/**
 * Records while they come in. They are stored once, as the org writes them: putting a million of them into another table afterwards takes
 * longer than fetching them. Canonical forms are kept only where they are others, or are worked out where they are read: by a view over
 * the stored table, for the engine works out generated columns at each insert too.
 */
export class RecordTable {
  /** The table that is stored. */
  readonly name: string;
  readonly #view: string;
  readonly #from: string;
  readonly #staging: Pick<StagingClient, 'until' | 'canonicalise'>;
  readonly #columns: readonly RecordColumn[];
  readonly #keyField: FieldDescribe;
  readonly #signal: AbortSignal;

  constructor(
    staging: Pick<StagingClient, 'until' | 'canonicalise'>,
    alias: string,
    table: string,
    columns: readonly RecordColumn[],
    keyField: FieldDescribe,
    signal: AbortSignal,
  ) {
    this.#staging = staging;
    const { named } = tablesOf(alias);
    this.name = named(storedName(table));
    this.#view = named(table);
    // Without its database: that is opened under another name later.
    this.#from = quoteName(storedName(table));
    this.#columns = columns;
    this.#keyField = keyField;
    this.#signal = signal;
  }

  /** Columns that come from the org, in the order of the table. */
  get given(): RecordColumn[] {
    return this.#columns.filter(({ of }) => of === null);
  }

  /** How many columns follow those, blank until a value has to be read. */
  get read(): number {
    return this.#read.length;
  }

  get #read(): { read: string; text: string; field: FieldDescribe }[] {
    return this.#columns.flatMap(({ of, canonicalBy }) => (of && canonicalBy ? [{ ...of, field: canonicalBy }] : []));
  }

  async create(): Promise<void> {
    const made = this.#columns.flatMap(({ name, of, canonicalBy }) => {
      if (!of || !canonicalBy) return [];
      const text = quoteName(of.text);
      // Texts stand for themselves nearly always: those that don't are looked for once all are there.
      const form = isRead(canonicalBy) ? formSql(text, canonicalBy) : text;
      return [`coalesce(${quoteName(of.read)}, ${form}) AS ${quoteName(name)}`];
    });
    const shape = recordShape(
      this.given.map(({ name }) => name),
      this.#read.map(({ read }) => read),
    );
    await this.#sql.run(
      `${createTable(this.name, shape)}; CREATE OR REPLACE VIEW ${this.#view} AS SELECT ${['*', ...made].join(', ')} FROM ${this.#from}`,
    );
  }

  get #sql(): ReturnType<StagingClient['until']> {
    return this.#staging.until(this.#signal);
  }

  /** A text of the org as it is stored: keys and stamps as they are compared, as far as SQL can tell. */
  storedSql({ name, canonicalBy }: RecordColumn, text: string): string {
    if (canonicalBy === null || name === 'id') return text;
    const form = formSql(text, canonicalBy);
    return name === 'k' && !isRead(canonicalBy) ? foldKeySql(form, this.#keyField) : form;
  }

  /**
   * Leaves each of the records that are wanted once: as it came last, should it have come again. Where others do no harm (`lenient`), they
   * stay if they are the fewer: the engine writes what is left of a table anew once some of its rows are gone.
   */
  async finish(onlyThose: string, lenient = false): Promise<void> {
    for (const column of this.given) await this.#settle(column);
    await this.#readOthers();
    // By a number of eight bytes first: of a million Ids none is there twice nearly always.
    const twice = `SELECT hash(id) FROM ${this.name} GROUP BY 1 HAVING count(*) > 1`;
    const again = `SELECT rowid AS place, row_number() OVER (PARTITION BY id ORDER BY rowid DESC) AS nth FROM ${this.name} WHERE hash(id) IN (${twice})`;
    await this.#sql.run(`DELETE FROM ${this.name} WHERE rowid IN (SELECT place FROM (${again}) WHERE nth > 1)`);
    const [counts] = await this.#sql.query(
      `SELECT (SELECT count(*) FROM ${this.name}) AS everything, (SELECT count(*) FROM ${this.name} r ${onlyThose}) AS wanted`,
    );
    const [everything, wanted] = [Number(counts?.['everything']), Number(counts?.['wanted'])];
    if (wanted === everything || (lenient && 2 * wanted >= everything)) return;
    await this.#sql.run(
      `DELETE FROM ${this.name} WHERE rowid NOT IN (SELECT r.rowid FROM ${this.name} r ${onlyThose})`,
    );
  }

  /** Makes canonical what is stored so and was not written as usual, or came by another way than a page. */
  async #settle({ name, canonicalBy }: RecordColumn): Promise<void> {
    if (canonicalBy === null) return;
    const text = quoteName(name);
    if (isRead(canonicalBy)) {
      const usual = usualSql(text, canonicalBy);
      if (await this.#some(`${text} <> '' AND ${usual} IS DISTINCT FROM ${text}`))
        await this.#staging.canonicalise(this.name, [{ name, field: canonicalBy }], this.#signal);
    }
    if (name !== 'k') return;
    const stored = isRead(canonicalBy) ? text : formSql(text, canonicalBy);
    const folded = foldKeySql(stored, this.#keyField);
    if (folded !== text) await this.#sql.run(`UPDATE ${this.name} SET k = ${folded} WHERE k <> ${folded}`);
  }

  /** Makes canonical what does not stand for itself, and reads what no SQL makes so. */
  async #readOthers(): Promise<void> {
    const open = this.#read;
    if (open.length === 0) return;
    const isUnusual = (text: string, field: FieldDescribe) =>
      isRead(field) ? `${text} <> '' AND ${usualSql(text, field)} IS NULL` : `${text} <> ${formSql(text, field)}`;
    const counts = open.map(
      ({ text, read, field }) => `count(*) FILTER (${isUnusual(quoteName(text), field)}) AS ${quoteName(read)}`,
    );
    const [unusual] = await this.#sql.query(`SELECT ${counts.join(', ')} FROM ${this.name}`);
    for (const { text, read, field } of open) {
      if (Number(unusual?.[read] ?? 0) === 0) continue;
      if (isRead(field)) await this.#staging.canonicalise(this.name, [{ name: read, field, of: text }], this.#signal);
      else
        await this.#sql.run(
          `UPDATE ${this.name} SET ${quoteName(read)} = ${formSql(quoteName(text), field)} WHERE ${isUnusual(quoteName(text), field)}`,
        );
    }
  }

  async #some(condition: string): Promise<boolean> {
    return (await this.#sql.query(`SELECT 1 AS one FROM ${this.name} WHERE ${condition} LIMIT 1`)).length > 0;
  }
}

/** Statements that take records away, their view and what is stored. */
export function dropRecords(alias: string, table: string): string {
  const { named } = tablesOf(alias);
  return `DROP VIEW IF EXISTS ${named(table)}; DROP TABLE IF EXISTS ${named(storedName(table))}`;
}

/** Whether values of a field have to be read where they are not written as usual. */
const isRead = (field: FieldDescribe): boolean => canonicalSql('', field) === null;

/** The APIs give ids in 18 characters, which is their canonical form: a million of them need not be looked at one by one. */
function usualSql(text: string, field: FieldDescribe): string {
  return field.type === 'id' || field.type === 'reference'
    ? `CASE WHEN length(${text}) = 18 THEN ${text} END`
    : usualFormSql(text, field);
}

/** A text in canonical form if it is written as usual; else as it is. */
function formSql(text: string, field: FieldDescribe): string {
  const usual = usualSql(text, field);
  return isRead(field) ? `CASE WHEN ${text} = '' THEN '' ELSE coalesce(${usual}, ${text}) END` : usual;
}
