import {
  columnsMadeBy,
  columnsReadBy,
  type CleaningPreview,
  type CleaningStep,
} from '../../../shared/domain/cleaning.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { textOf, type SqlRow } from '../staging/staging-functions.ts';
import { cleanedCell, cleanedRows, columnCount, duplicateRows, madeCells, type RawTable } from './clean-sql.ts';
import { sumSql } from '../tables/sum-sql.ts';

const EXAMPLES = 6;

/** Refuses steps that name columns that are not there, and patterns that RE2 does not take: `CLEANING_REFUSED`. */
export async function checkSteps(
  staging: StagingClient,
  table: RawTable,
  steps: readonly CleaningStep[],
): Promise<void> {
  for (const [place, step] of steps.entries()) {
    const count = columnCount(table, steps.slice(0, place));
    const missing = columnsReadBy(step).find((column) => column >= count);
    if (missing !== undefined) refuse(`column ${missing + 1}`, 'this column does not exist before the step');
    if (step.kind !== 'replace-pattern') continue;
    // The engine that will run the pattern says whether it can, and whether the replacement names a group that is not there.
    const probe = cleanedCell({ ...step, columns: [0] }, 0);
    await staging.query(`SELECT ${probe} FROM (SELECT ? AS c0)`, ['']).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      refuse(step.pattern, text.split('\n')[0]?.replace(/^.*?Error:\s*/, '') ?? text);
    });
    const references = step.replacement.match(/\\[^]?/g) ?? [];
    const stray = references.find((reference) => !/^\\[0-9\\]$/.test(reference));
    if (stray !== undefined)
      refuse(step.replacement, 'a backslash must be followed by a group number; for a backslash itself, write two');
    const groups = Math.max(0, ...references.map((reference) => Number(reference[1]) || 0));
    const opened = step.pattern.replace(/\\.|\[[^\]]*\]/g, '').match(/\((?!\?(?!P<))/g)?.length ?? 0;
    if (groups > opened) refuse(step.replacement, `the pattern has no group ${groups}`);
  }
}

function refuse(what: string, problem: string): never {
  throw new FailureError({ code: 'CLEANING_REFUSED', what, problem });
}

/** Counts what a step would change on top of those before it, and shows the first rows it would. */
export async function previewCleaning(
  staging: StagingClient,
  table: RawTable,
  stepsBefore: readonly CleaningStep[],
  step: CleaningStep,
  names: readonly string[],
  signal: AbortSignal,
): Promise<CleaningPreview> {
  await checkSteps(staging, table, [...stepsBefore, step]);
  if (step.kind === 'remove-duplicates') return previewDuplicates(staging, table, stepsBefore, names, signal);
  const rows = cleanedRows(table, stepsBefore, 'problem IS NULL');
  const pairs = changedPairs(step, names);
  const changed = pairs.map(({ before, after }) => `(${before} IS DISTINCT FROM ${after})`);
  const [counts] = await staging.query(
    `SELECT ${sumSql(changed.map((one) => `count(*) FILTER (${one})`))} AS cells, count(*) FILTER (${changed.join(' OR ')}) AS n FROM (${rows})`,
    [],
    signal,
  );
  const found = await staging.query(
    `SELECT row_number, line, ${pairs.map(({ before, after }, index) => `${before} AS b${index}, ${after} AS a${index}`).join(', ')}
     FROM (${rows}) WHERE ${changed.join(' OR ')} ORDER BY row_number LIMIT ${EXAMPLES}`,
    [],
    signal,
  );
  const examples = found.flatMap((row) =>
    pairs.flatMap(({ name }, index) => {
      const [before, after] = [textOf(row, `b${index}`), textOf(row, `a${index}`)];
      return before === after ? [] : [{ ...placeOf(row), column: name, before, after }];
    }),
  );
  const cells = Number(counts?.['cells'] ?? 0);
  return { cells, rows: Number(counts?.['n'] ?? 0), examples: examples.slice(0, EXAMPLES) };
}

/** Each cell that a step may change, before and after; columns it makes were blank before. */
function changedPairs(step: CleaningStep, names: readonly string[]): { name: string; before: string; after: string }[] {
  const made = columnsMadeBy(step);
  if (made.length > 0) {
    return madeCells(step).map((after, index) => ({ name: made[index] ?? '', before: "''", after }));
  }
  if (!('columns' in step)) return [];
  return step.columns.map((column) => ({
    name: names[column] ?? '',
    before: `c${column}`,
    after: cleanedCell(step, column),
  }));
}

async function previewDuplicates(
  staging: StagingClient,
  table: RawTable,
  stepsBefore: readonly CleaningStep[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<CleaningPreview> {
  const found = await staging.query(
    `WITH doomed AS MATERIALIZED (${duplicateRows(table, stepsBefore)})
     SELECT r.row_number, r.line, r.c0, (SELECT count(*) FROM doomed) AS n
     FROM (${cleanedRows(table, stepsBefore)}) r JOIN doomed USING (row_number) ORDER BY row_number LIMIT ${EXAMPLES}`,
    [],
    signal,
  );
  return {
    cells: 0,
    rows: Number(found[0]?.['n'] ?? 0),
    examples: found.map((row) => ({ ...placeOf(row), column: names[0] ?? '', before: textOf(row, 'c0'), after: '' })),
  };
}

function placeOf(row: SqlRow): { row: number; line: number } {
  return { row: Number(row['row_number']), line: Number(row['line']) };
}
