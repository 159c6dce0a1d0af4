import { sentColumns } from '../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { createTable, MAPPED_FORM, storedName, TABLE_NAMES, tablesOf } from '../tables/tables.ts';
import { AT_ONCE, filledOf, type JoinedCells } from './join-in-steps.ts';
import { cellsSql, fillMapped, type Checked } from './mapped-rows.ts';

/**
 * A plan's `mapped`, which is made once and then changed cell by cell. Most cells of most files stand for themselves: to write a million
 * rows of forty such cells anew takes longer than all else of a plan. So it is a view over the rows as they are (`staged_stored`), where
 * what says something else has a column of its own, NULL where nothing was written. It is a table where many columns have values that
 * don't stand for themselves, and of wide files.
 */

/** Rows of which a column's other values are written at a time: what was there before is kept in memory as long. */
const WRITTEN_AT_ONCE = 500_000;

/** Columns of both views together: each statement works out anew what all of them are, which takes seconds for thousands. */
const MOST_VIEWED = 200;

/** Of a plan whose `staged` is there, and nothing reads it meanwhile. */
export async function makeMapped(staging: StagingSql, input: Checked & { readonly planId: PlanId }): Promise<void> {
  const { planId, mapping } = input;
  const cells = cellsSql(input, sentColumns(mapping));
  const filled = [...(await filledOf(staging, cells))];
  const { mapped, mappedForm, staged, stagedStored } = tablesOf(planId);
  const kept = (await columnsOf(staging, planId, TABLE_NAMES.staged)).map(quoteName);
  const isTable =
    kept.length + cells.length > MOST_VIEWED || filled.length > AT_ONCE || 2 * filled.length > cells.length;
  if (isTable) return fillMapped(staging, input, mapped);
  const forms = cells.flatMap((one) => {
    const selects = one.selects(false);
    return one.names.map((name, at) => ({ name, form: selects[at] ?? "''" }));
  });
  // Without its database in a view: that is opened under another name later.
  const from = quoteName(TABLE_NAMES.stagedStored);
  await staging.run(
    `ALTER TABLE ${staged} RENAME TO ${from}; CREATE VIEW ${staged} AS SELECT ${kept.join(', ')} FROM ${from};
     ${createTable(mappedForm, MAPPED_FORM)}`,
  );
  await addForms(staging, planId, forms);
  await viewAgain(staging, planId);
  for (const one of filled) await writeFilled(staging, input, one, stagedStored);
}

interface CellForm {
  readonly name: string;
  readonly form: string;
}

async function addForms(staging: StagingSql, planId: PlanId, forms: readonly CellForm[]): Promise<void> {
  if (forms.length === 0) return;
  const { mappedForm } = tablesOf(planId);
  const rows = forms.map(({ name, form }) => `(${quoteText(name)}, ${quoteText(form)})`);
  await staging.run(
    `INSERT INTO ${mappedForm} SELECT name, form, (SELECT count(*) FROM ${mappedForm}) + row_number() OVER () FROM (VALUES ${rows.join(', ')}) f(name, form)
     ON CONFLICT DO NOTHING`,
  );
}

/** Puts the cells that a dictionary has into the columns that they have for themselves. */
async function writeFilled(
  staging: StagingSql,
  input: Checked & { readonly planId: PlanId },
  { names, selects, dictionary }: JoinedCells,
  stored: string,
): Promise<void> {
  await addColumns(staging, input.planId, names);
  const { name, table, on } = dictionary;
  const said = selects(true);
  const set = names.map((cell, at) => `${cell} = ${written(said[at] ?? "''")}`);
  for (let after = 0; after < input.source.rows; after += WRITTEN_AT_ONCE)
    await staging.run(
      `UPDATE ${stored} s SET ${set.join(', ')} FROM ${table} ${name}
       WHERE ${on} AND s.problem IS NULL AND s.row_number > ${after} AND s.row_number <= ${after + WRITTEN_AT_ONCE}`,
    );
}

/** NULL would say that nothing was written. */
function written(value: string): string {
  return `coalesce(${value}, error('a cell that was written has no text'))`;
}

async function columnsOf(staging: Pick<StagingSql, 'query'>, planId: PlanId, table: string): Promise<string[]> {
  const found = await staging.query(
    `SELECT column_name AS name FROM duckdb_columns() WHERE database_name = ${quoteText(planId)} AND table_name = ${quoteText(table)} ORDER BY column_index`,
  );
  return found.map((row) => String(row['name']));
}

async function isView(staging: Pick<StagingSql, 'query'>, planId: PlanId): Promise<boolean> {
  const found = await staging.query(
    `SELECT 1 AS one FROM duckdb_tables() WHERE database_name = ${quoteText(planId)} AND table_name = ${quoteText(TABLE_NAMES.mappedForm)}`,
  );
  return found.length > 0;
}

async function viewAgain(staging: StagingSql, planId: PlanId): Promise<void> {
  const { mapped, mappedForm } = tablesOf(planId);
  const own = new Set(await columnsOf(staging, planId, TABLE_NAMES.stagedStored));
  const forms = await staging.query(`SELECT name, form FROM ${mappedForm} ORDER BY place`);
  const cells = forms.map((row) => {
    const [name, form] = [String(row['name']), String(row['form'])];
    return `${own.has(name) ? `coalesce(s.${name}, ${form})` : form} AS ${name}`;
  });
  await staging.run(
    `CREATE OR REPLACE VIEW ${mapped} AS SELECT ${['s.row_number', ...cells].join(', ')}
     FROM ${quoteName(TABLE_NAMES.stagedStored)} s WHERE s.problem IS NULL`,
  );
}

/** Gives cells of the view columns of their own, in which nothing is written so far. */
async function addColumns(staging: StagingSql, planId: PlanId, names: readonly string[]): Promise<void> {
  const { stagedStored } = tablesOf(planId);
  const added = names.map((name) => `ALTER TABLE ${stagedStored} ADD COLUMN IF NOT EXISTS ${name} VARCHAR`);
  await staging.run(added.join('; '));
  await viewAgain(staging, planId);
}

/** Has `mapped` have these cells too, blank in every row. */
export async function addMapped(staging: StagingSql, planId: PlanId, names: readonly string[]): Promise<void> {
  if (await isView(staging, planId)) {
    await addForms(
      staging,
      planId,
      names.map((name) => ({ name, form: "''" })),
    );
    return viewAgain(staging, planId);
  }
  const { mapped } = tablesOf(planId);
  const blank = names.map((name) => `ALTER TABLE ${mapped} ADD COLUMN IF NOT EXISTS ${name} VARCHAR DEFAULT ''`);
  await staging.run(blank.join('; '));
}

/** Writes cells of `mapped`: those named, of the rows that a query gives with them and their `row_number`, each once. */
export async function writeMapped(
  staging: StagingSql,
  planId: PlanId,
  names: readonly string[],
  rows: string,
): Promise<void> {
  const { mapped, stagedStored } = tablesOf(planId);
  const view = await isView(staging, planId);
  if (view) {
    const own = await columnsOf(staging, planId, TABLE_NAMES.stagedStored);
    const missing = names.filter((name) => !own.includes(name));
    // A column is not made for nothing.
    if (missing.length > 0 && (await staging.query(`SELECT 1 AS one FROM (${rows}) LIMIT 1`)).length === 0) return;
    if (missing.length > 0) await addColumns(staging, planId, missing);
  }
  const into = view ? stagedStored : mapped;
  const set = names.map((name) => `${name} = ${written(`w.${name}`)}`);
  await staging.run(`UPDATE ${into} SET ${set.join(', ')} FROM (${rows}) w WHERE w.row_number = ${into}.row_number`);
}

/**
 * Has the cells of a plan's rows found by their numbers, and the records of the org by their Ids: a page of those that lie anywhere is read in a fifth of
 * the time that looking for them takes.
 */
export async function indexRows(staging: StagingSql, planId: PlanId): Promise<void> {
  const wanted = new Map([
    ...[TABLE_NAMES.staged, TABLE_NAMES.stagedStored, TABLE_NAMES.mapped].map((name) => [name, 'row_number'] as const),
    [storedName(TABLE_NAMES.currentRecord), 'id'] as const,
  ]);
  const stored = await staging.query(
    `SELECT table_name AS name FROM duckdb_tables()
     WHERE database_name = ${quoteText(planId)} AND table_name IN (${[...wanted.keys()].map(quoteText).join(', ')})`,
  );
  const { named } = tablesOf(planId);
  for (const name of stored.map((row) => String(row['name'])))
    await staging.run(`CREATE INDEX ${quoteName(`key_of_${name}`)} ON ${named(name)} (${wanted.get(name)})`);
}

/** Puts a table of the same cells in the place of `mapped`. */
export async function replaceMapped(staging: StagingSql, planId: PlanId, by: string): Promise<void> {
  const { mapped, mappedForm } = tablesOf(planId);
  const drop = (await isView(staging, planId))
    ? `DROP VIEW ${mapped}; DROP TABLE ${mappedForm}`
    : `DROP TABLE ${mapped}`;
  await staging.run(`${drop}; ALTER TABLE ${by} RENAME TO ${quoteName(TABLE_NAMES.mapped)}`);
}
