import {
  bulkHeader,
  matchColumn,
  mappedColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import {
  fieldNamed,
  isRequiredOnCreate,
  type FieldDescribe,
  type SObjectDescribe,
} from '../../../shared/domain/sobject.ts';
import { isAllowedUnder } from '../../../shared/field-types/picklist.ts';
import type { StagedSource } from '../source/staged-sources.ts';
import { quoteText } from '../staging/duckdb-engine.ts';
import type { ColumnFormats } from '../staging/staging-functions.ts';
import type { StagingClient, StagingSql } from '../staging/staging-client.ts';

export interface CheckInput {
  readonly source: StagedSource;
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
  readonly timeZone: string;
}

/** The field whose type a column's text must have: the mapped one, or for a lookup the parent's match field. */
export function ruleField(
  column: MappedColumn,
  describe: SObjectDescribe,
  parents: CheckInput['parents'],
): FieldDescribe {
  const { target } = column;
  const owner = target.kind === 'lookup' ? parents.get(target.parentObject.toLowerCase()) : describe;
  const field = owner && fieldNamed(owner, target.kind === 'lookup' ? target.parentField : target.field);
  if (!field) throw new Error(`a mapping with the unknown field ${bulkHeader(target)} came past checkMapping`);
  return field;
}

/**
 * Reads every cell of the mapped columns by its field's rules and leaves in the source's database:
 * `mapped(row_number, a<n>, v<n> …)`, per column the text to send and its canonical form;
 * `value_issue(source_column, raw, code, level, facts)`, remarks on distinct values;
 * `row_issue(row_number, source_column, code, facts)`, why a row stays home;
 * `repeated(row_number, of_row, decision)`, rows that another row stands for.
 */
export class ValueChecker {
  readonly #staging: StagingClient;
  /** What each column was last checked as, so that changing one column's target reads only that column again. */
  readonly #checked = new Map<string, { key: string; formats: ColumnFormats }>();

  constructor(staging: StagingClient) {
    this.#staging = staging;
  }

  async check(
    input: CheckInput,
    signal: AbortSignal,
    progress: (done: number, total: number) => void,
  ): Promise<Map<number, ColumnFormats>> {
    const { source, mapping, describe, parents } = input;
    const { alias } = source;
    const staging = this.#staging.until(signal);
    const columns = mappedColumns(mapping).filter(
      (column) => mapping.operation !== 'delete' || column === matchColumn(mapping),
    );
    await staging.run(
      `CREATE TABLE IF NOT EXISTS ${alias}.value_issue (source_column INTEGER, raw VARCHAR, code VARCHAR, level VARCHAR, facts VARCHAR)`,
    );
    const formats = new Map<number, ColumnFormats>();
    for (const [index, column] of columns.entries()) {
      progress(index, columns.length + 2);
      const field = ruleField(column, describe, parents);
      const id = `${alias} ${column.column}`;
      const key = JSON.stringify([
        source.digest,
        column.format,
        column.replacements,
        field,
        describe.keyPrefix,
        input.timeZone,
      ]);
      const known = this.#checked.get(id);
      if (known?.key === key) {
        formats.set(column.column, known.formats);
        continue;
      }
      // Called off in the middle, it leaves neither the old tables nor the new.
      this.#checked.delete(id);
      const found = await this.#staging.checkColumn(
        { alias, column, field, keyPrefix: describe.keyPrefix ?? null, timeZone: input.timeZone },
        signal,
      );
      this.#checked.set(id, { key, formats: found });
      formats.set(column.column, found);
    }
    progress(columns.length, columns.length + 2);
    await this.#buildMapped(staging, input, columns);
    progress(columns.length + 1, columns.length + 2);
    await this.#findRowIssues(staging, input, columns);
    return formats;
  }

  async #buildMapped(
    staging: StagingSql,
    { source, mapping }: CheckInput,
    columns: readonly MappedColumn[],
  ): Promise<void> {
    const { alias } = source;
    const blank = mapping.blankValues === 'clear' && mapping.operation !== 'insert' ? "'#N/A'" : "''";
    const key = matchColumn(mapping)?.column;
    const selects: string[] = [];
    const joins: string[] = [];
    for (const { column } of columns) {
      const [sizes] = await staging.query(`SELECT count(*) AS size FROM ${alias}.value_${column}`);
      const has = Number(sizes?.['size'] ?? 0) > 0;
      const cell = `s.c${column}`;
      const api = has ? `coalesce(d${column}.api, ${cell})` : cell;
      const canonical = has ? `coalesce(d${column}.canonical, ${cell})` : cell;
      const whenBlank = column === key ? "''" : blank;
      selects.push(
        `CASE WHEN ${api} = '' THEN ${whenBlank} ELSE ${api} END AS a${column}`,
        `${canonical} AS v${column}`,
      );
      if (has) joins.push(`LEFT JOIN ${alias}.value_${column} d${column} ON d${column}.raw = ${cell}`);
    }
    const list = ['s.row_number', ...selects].join(', ');
    await staging.run(
      `CREATE OR REPLACE TABLE ${alias}.mapped AS SELECT ${list} FROM ${alias}.staged s ${joins.join(' ')} WHERE s.problem IS NULL`,
    );
  }

  async #findRowIssues(staging: StagingSql, input: CheckInput, columns: readonly MappedColumn[]): Promise<void> {
    const { source, mapping, describe, parents } = input;
    const { alias } = source;
    await staging.run(
      `CREATE OR REPLACE TABLE ${alias}.row_issue (row_number INTEGER, source_column INTEGER, code VARCHAR, facts VARCHAR);
       INSERT INTO ${alias}.row_issue SELECT row_number, coalesce(problem_column, -1), problem, '{}' FROM ${alias}.staged WHERE problem IS NOT NULL`,
    );
    for (const { column } of columns) {
      await staging.run(
        `INSERT INTO ${alias}.row_issue SELECT s.row_number, ${column}, i.code, i.facts FROM ${alias}.staged s
         JOIN ${alias}.value_issue i ON i.source_column = ${column} AND i.level = 'row' AND i.raw = s.c${column} WHERE s.problem IS NULL`,
      );
    }
    const key = matchColumn(mapping);
    if (key) {
      await staging.run(
        `INSERT INTO ${alias}.row_issue SELECT row_number, ${key.column}, 'MATCH_VALUE_BLANK', '{}' FROM ${alias}.mapped WHERE a${key.column} IN ('', '#N/A')`,
      );
    }
    if (mapping.operation === 'insert') {
      for (const column of columns) {
        const field = fieldNamed(describe, column.target.field);
        if (field && isRequiredOnCreate(field)) {
          await staging.run(
            `INSERT INTO ${alias}.row_issue SELECT row_number, ${column.column}, 'REQUIRED_BLANK', '{}' FROM ${alias}.mapped WHERE a${column.column} IN ('', '#N/A')`,
          );
        }
      }
    }
    await this.#checkDependentPicklists(staging, input, columns);
    await this.#findRepeats(staging, source, mapping, columns, key, key ? ruleField(key, describe, parents) : null);
  }

  /** Dependent values are judged by distinct pairs with their controlling value (V16). */
  async #checkDependentPicklists(
    staging: StagingSql,
    { source, describe }: CheckInput,
    columns: readonly MappedColumn[],
  ): Promise<void> {
    const { alias } = source;
    for (const { column, target } of columns) {
      const dependent = fieldNamed(describe, target.field);
      if (!dependent?.dependentPicklist || !dependent.controllerName) continue;
      const controller = fieldNamed(describe, dependent.controllerName);
      const controlling = columns.find((candidate) => candidate.target.field === controller?.name);
      if (!controller || !controlling) continue;
      const pairs = await staging.query(
        `SELECT DISTINCT v${controlling.column} AS c, v${column} AS d FROM ${alias}.mapped WHERE v${column} <> '' LIMIT 10000`,
      );
      for (const pair of pairs) {
        const [c, d] = [String(pair['c'] ?? ''), String(pair['d'] ?? '')];
        if (isAllowedUnder(dependent, controller, c, d)) continue;
        const facts = JSON.stringify({ controller: controller.label, controlling: c });
        await staging.run(
          `INSERT INTO ${alias}.row_issue SELECT row_number, ${column}, 'PICKLIST_NOT_ALLOWED_HERE', ${quoteText(facts)} FROM ${alias}.mapped WHERE v${controlling.column} = ${quoteText(c)} AND v${column} = ${quoteText(d)}`,
        );
      }
    }
  }

  /**
   * Rows with one match value: identical ones are sent once (V27); differing ones are hers to decide (V26).
   * Without a match field only rows that are equal in every column of the file count as repeated.
   */
  async #findRepeats(
    staging: StagingSql,
    source: StagedSource,
    mapping: FieldMapping,
    columns: readonly MappedColumn[],
    key: MappedColumn | undefined,
    keyField: FieldDescribe | null,
  ): Promise<void> {
    const { alias } = source;
    const content = key
      ? `hash(${columns.map(({ column }) => `m.v${column}`).join(', ')})`
      : `hash(${source.columns.map(({ index }) => `s.c${index}`).join(', ')})`;
    const value = key ? `m.v${key.column}` : content;
    const match = key && keyField && !keyField.caseSensitive && keyField.type !== 'id' ? `lower(${value})` : value;
    const filled = key ? `WHERE m.v${key.column} <> ''` : '';
    await staging.run(
      `CREATE OR REPLACE TABLE ${alias}.repeated AS
       WITH sendable AS (
         SELECT m.row_number, ${match} AS k, ${content} AS h FROM ${alias}.mapped m JOIN ${alias}.staged s USING (row_number)
         ANTI JOIN ${alias}.row_issue USING (row_number) ${filled}),
       several AS (
         SELECT k, min(row_number) AS first_row, max(row_number) AS last_row, count(DISTINCT h) AS kinds FROM sendable GROUP BY k HAVING count(*) > 1)
       SELECT row_number, first_row, last_row, kinds FROM sendable JOIN several USING (k)`,
    );
    if (key && mapping.duplicateKeys === 'ask') {
      await staging.run(
        `INSERT INTO ${alias}.row_issue SELECT row_number, ${key.column}, 'MATCH_VALUE_REPEATED',
           json_object('first', first_row, 'last', last_row) FROM ${alias}.repeated WHERE kinds > 1;
         DELETE FROM ${alias}.repeated WHERE kinds > 1`,
      );
    }
    const kept =
      mapping.duplicateKeys === 'last' ? 'CASE WHEN kinds > 1 THEN last_row ELSE first_row END' : 'first_row';
    await staging.run(
      `CREATE OR REPLACE TABLE ${alias}.repeated AS SELECT row_number, ${kept} AS of_row, CASE WHEN kinds > 1 THEN 'superseded' ELSE 'identical' END AS decision
       FROM ${alias}.repeated WHERE row_number <> ${kept}`,
    );
  }
}
