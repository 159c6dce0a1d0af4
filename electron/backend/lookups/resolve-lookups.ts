import { sentColumns, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { PlannedLookup } from '../../../shared/domain/planned-lookup.ts';
import { fieldNamed, isRequiredOnCreate } from '../../../shared/domain/sobject.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';
import { mergeRepeated } from '../plan/merge-repeated.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import { dropRecords } from '../plan/record-table.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import {
  canonical,
  cell,
  createTable,
  foundName,
  OWN_FOUND,
  parentName,
  second,
  sent,
  tablesOf,
} from '../tables/tables.ts';
import { makeMapped, writeMapped } from '../validation/mapped-view.ts';
import { CountedCalls } from './counted-calls.ts';
import { findParents, isFound, joinFound, keptHome, verdictSql, type FoundColumn } from './find-parents.ts';
import { lookedForFacts } from './looked-for.ts';
import { findRowParents } from './rows-as-parents.ts';

/**
 * Makes the plan's `mapped` of the checked source: where a lookup is found beforehand, the Id that it finds stands in the place of the
 * text by which it was found, and is what is compared and sent from here on; the text of a parent that is a row of the file
 * (`own_found`) stays until that has an Id. Rows whose lookup finds nothing that can be used stay
 * home, or go on without it or with another, as the mapping says. `row_issue` and `staged` are there already.
 */
export async function resolveLookups(
  tools: FetchTools,
  input: PlanInput,
  signal: AbortSignal,
): Promise<PlannedLookup[]> {
  const { planId, mapping } = input;
  const staging = tools.staging.until(signal);
  const own = tablesOf(planId);
  const columns = sentColumns(mapping).filter(isFound);
  await makeMapped(staging, input);
  await staging.run(createTable(own.ownFound, OWN_FOUND));
  await mergeRepeated(staging, input);
  if (columns.length === 0) return [];
  const lookups: PlannedLookup[] = [];
  for (const column of columns) {
    const calls = new CountedCalls(tools.client);
    await find({ ...tools, client: calls.client }, input, column, signal);
    await findRowParents(
      staging,
      input,
      column,
      `FROM ${named(input, column)} AND ${verdictSql(column.target)} = 'none'`,
    );
    const rows = await countVerdicts(staging, input, column);
    // Rows and parents are joined only for what there is.
    if (keptHome(column.target).some((verdict) => (rows.get(verdict) ?? 0) > 0))
      await blockUnfound(staging, input, column);
    lookups.push(
      plannedLookup(input, column, rows, { apiCalls: calls.count, inFile: await countInFile(staging, input, column) }),
    );
    await putIds(staging, input, column);
    await staging.run(`DROP TABLE ${own.found(column.column)}; ${dropRecords(planId, parentName(column.column))}`);
  }
  if (mapping.operation === 'insert') await blockWithout(staging, input, columns);
  return lookups;
}

async function find(
  tools: FetchTools,
  { planId, describe, parents, folder }: PlanInput,
  column: FoundColumn,
  signal: AbortSignal,
): Promise<void> {
  const n = column.column;
  const own = tablesOf(planId);
  const keysSql = `SELECT ${canonical(n)} AS k FROM ${own.mapped} ANTI JOIN (${withIssue(own.rowIssue, column)}) USING (row_number)`;
  const search = { column, describe, parents, alias: planId, records: parentName(n), found: foundName(n), folder };
  await findParents(tools, search, keysSql, signal);
}

/** Rows with a problem that has been told: a value that is none of the field that finds, or an Excel error beside it, is no key. */
function withIssue(rowIssue: string, { column, target }: MappedColumn): string {
  const beside =
    target.kind === 'found' && target.and ? ` OR (source_column = ${target.and.column} AND code = 'EXCEL_ERROR')` : '';
  return `SELECT row_number FROM ${rowIssue} WHERE source_column = ${column}${beside}`;
}

function joined({ planId, describe, parents }: PlanInput, column: FoundColumn): string {
  const n = column.column;
  const row = { key: `m.${canonical(n)}`, second: `m.${second(n)}` };
  return joinFound({ column, describe, parents }, tablesOf(planId).found(n), row);
}

/** Rows whose parent is a row of the file. */
function ofRows(ownFound: string, { column }: MappedColumn): string {
  return `SELECT row_number FROM ${ownFound} WHERE source_column = ${column}`;
}

/** Rows that name a parent in a column without another problem there, as `m`, with what was found, as `f`; none of the file's own. */
function named(input: PlanInput, column: FoundColumn): string {
  const { mapped, rowIssue, ownFound } = tablesOf(input.planId);
  const n = column.column;
  return `${mapped} m ${joined(input, column)} WHERE m.${canonical(n)} <> '' AND m.row_number NOT IN (${withIssue(rowIssue, column)}) AND m.row_number NOT IN (${ofRows(ownFound, column)})`;
}

const CODES = { none: 'LOOKUP_NOT_FOUND', several: 'LOOKUP_AMBIGUOUS', inactive: 'LOOKUP_INACTIVE' } as const;

async function blockUnfound(staging: StagingSql, input: PlanInput, column: FoundColumn): Promise<void> {
  const { target, column: n } = column;
  const { rowIssue, staged } = tablesOf(input.planId);
  const home = keptHome(target);
  if (home.length === 0) return;
  const codes = home.map((verdict) => `WHEN ${quoteText(verdict)} THEN ${quoteText(CODES[verdict])}`);
  const verdict = verdictSql(target);
  const facts: Readonly<Record<string, string>> = { ...lookedForFacts(column, input) };
  const pair = target.and ? `, 'secondValue', coalesce(s.${cell(target.and.column)}, '')` : '';
  const parts = Object.entries(facts).map(([name, text]) => `${quoteText(name)}, ${quoteText(text)}`);
  await staging.run(
    `INSERT INTO ${rowIssue} SELECT t.row_number, ${n}, CASE t.verdict ${codes.join(' ')} END, json_object(${parts.join(', ')}${pair})
     FROM (SELECT m.row_number, ${verdict} AS verdict FROM ${named(input, column)}) t JOIN ${staged} s USING (row_number)
     WHERE t.verdict IN (${home.map((one) => quoteText(one)).join(', ')})`,
  );
}

/** How many rows come to each verdict, `found` among them. */
async function countVerdicts(
  staging: StagingSql,
  input: PlanInput,
  column: FoundColumn,
): Promise<ReadonlyMap<string, number>> {
  const counted = await staging.query(
    `SELECT coalesce(verdict, 'found') AS verdict, count(*) AS n FROM (SELECT ${verdictSql(column.target)} AS verdict FROM ${named(input, column)}) GROUP BY 1`,
  );
  return new Map(counted.map((row) => [textOf(row, 'verdict'), Number(row['n'])]));
}

async function countInFile(staging: StagingSql, { planId }: PlanInput, column: FoundColumn): Promise<number> {
  const [own] = await staging.query(`SELECT count(*) AS n FROM (${ofRows(tablesOf(planId).ownFound, column)})`);
  return Number(own?.['n'] ?? 0);
}

function plannedLookup(
  input: PlanInput,
  column: FoundColumn,
  rows: ReadonlyMap<string, number>,
  { apiCalls, inFile }: { readonly apiCalls: number; readonly inFile: number },
): PlannedLookup {
  const { target } = column;
  const used = (verdict: keyof typeof CODES) => (keptHome(target).includes(verdict) ? 0 : (rows.get(verdict) ?? 0));
  return {
    column: column.column,
    ...lookedForFacts(column, input),
    field: target.field,
    found: rows.get('found') ?? 0,
    without: used('none'),
    oldest: used('several'),
    inactive: used('inactive'),
    ...(inFile > 0 ? { inFile } : {}),
    apiCalls,
  };
}

/** Puts what was found in the place of the text by which it was found. Two columns of a wide table are rewritten, not the table. */
async function putIds(staging: StagingSql, input: PlanInput, column: FoundColumn): Promise<void> {
  const { mapped, ownFound } = tablesOf(input.planId);
  const n = column.column;
  const home = keptHome(column.target).map((verdict) => quoteText(verdict));
  const isKept = home.length > 0 ? `coalesce(${verdictSql(column.target)}, '') IN (${home.join(', ')})` : 'false';
  const id = `CASE WHEN ${isKept} THEN '' ELSE coalesce(f.id, '') END`;
  await writeMapped(
    staging,
    input.planId,
    [sent(n), canonical(n)],
    `SELECT m.row_number, ${id} AS ${sent(n)}, ${id} AS ${canonical(n)}
     FROM ${mapped} m ${joined(input, column)} WHERE m.${canonical(n)} <> '' AND m.row_number NOT IN (${ofRows(ownFound, column)})`,
  );
}

/** A record that is made without a value its field must have is refused. */
export async function blockWithout(
  staging: StagingSql,
  input: PlanInput,
  columns: readonly MappedColumn[],
): Promise<void> {
  const { planId, describe } = input;
  const { mapped, rowIssue } = tablesOf(planId);
  for (const one of columns) {
    const { column, target } = one;
    const field = fieldNamed(describe, target.field);
    if (!field || !isRequiredOnCreate(field)) continue;
    const facts = quoteText(JSON.stringify({ field: field.label, object: describe.labelPlural }));
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT row_number, ${column}, 'REQUIRED_BLANK', ${facts} FROM ${mapped}
       WHERE ${sent(column)} = '' AND row_number NOT IN (${withIssue(rowIssue, one)})`,
    );
  }
}
