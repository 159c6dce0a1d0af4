import { lineFeedsSql } from '../match/match-sql.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import { recordOf, savedColumns, type SavedRecord } from '../plan/saved-record.ts';
import { textOf } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import { sent, tablesOf } from '../tables/tables.ts';
import type { SaveItem } from './collection-client.ts';
import type { RowRange } from './journal-collections.ts';
import type { LoadRun } from './load-run.ts';
import type { ResultTools } from './take-results.ts';

type Run = Pick<LoadRun, 'stop'> & { readonly results: ResultTools };

/**
 * What the error of a row says that another transaction had locked, after ten seconds of waiting: as its own code, or within what a
 * trigger threw ("first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access to this record", Salesforce Help 000387767).
 */
const LOCKED = 'UNABLE_TO_LOCK_ROW';

/** That an outcome's row was locked, as SQL. */
export function lockedSql(outcome: string): string {
  return `contains(${outcome}.error, '${LOCKED}')`;
}

const NO_ANSWER = 'Longshore: no answer came for this row';

/** A row and the record that it makes. */
export interface CollectionRow {
  readonly row: number;
  readonly record: SavedRecord;
}

/** Which rows of a part: the next after one, or these. */
export type WhichRows = { readonly after: number; readonly most: number } | { readonly rows: readonly number[] };

/** Rows of a part, as records, in their order; none at its end. Whom an upsert finds is said by its key alone. */
export async function collectionRows(
  { results, stop }: Run,
  planned: PlannedMapping,
  part: number,
  which: WhichRows,
): Promise<CollectionRow[]> {
  const chosen =
    'rows' in which
      ? `AND row_number IN (${which.rows.join(', ')})`
      : `AND row_number > ${which.after} ORDER BY row_number LIMIT ${which.most}`;
  const { planId, step, mapping, describe, parents } = planned;
  const tables = tablesOf(planId, step);
  const { operation, matchField } = mapping;
  const columns = savedColumns(mapping, operation);
  const cells = columns.map(({ column }) => `${lineFeedsSql(`m.${sent(column)}`)} AS ${sent(column)}`);
  const id = operation === 'upsert' && matchField !== 'Id' ? "''" : 'p.id';
  const rows = await results.fetch.staging.until(stop).query(
    // Which rows first, so that only they are looked for in the wide tables.
    `SELECT ${['s.row_number', `${id} AS id`, ...cells].join(', ')} FROM (SELECT row_number FROM ${tables.submission}
       WHERE part = ${part} ${chosen}) s
       JOIN ${tables.planned} p USING (row_number) JOIN ${tables.mapped} m USING (row_number) ORDER BY s.row_number`,
  );
  return rows.map((row) => ({
    row: Number(row['row_number']),
    record: recordOf(row, columns, { describe, parents }),
  }));
}

/** Gives rows the outcomes that the org told, in the place of any they had. Rows that went into another part since keep theirs. */
export async function keepAnswer(
  run: Run,
  planned: PlannedMapping,
  part: number,
  answer: readonly (SaveItem & { readonly row: number })[],
): Promise<void> {
  const values = answer.map((item) => {
    const texts = outcomeOf(item, planned.mapping.operation).map((text) => quoteText(text));
    return `(${[item.row, ...texts].join(', ')})`;
  });
  await keep(run, planned, part, `SELECT * FROM (VALUES ${values.join(', ')}) v(row_number, kind, id, error)`);
}

/** Says of rows that what became of them is not known. */
export async function keepUnknown(run: Run, planned: PlannedMapping, part: number, rows: RowRange): Promise<void> {
  const { submission, outcome } = tablesOf(planned.planId, planned.step);
  // Rows that an undo has kept were not among those that were sent.
  const told = `SELECT row_number, 'unknown' AS kind, '' AS id, ${quoteText(NO_ANSWER)} AS error FROM ${submission}
    WHERE row_number BETWEEN ${rows.from} AND ${rows.to}${rows.rows ? ` AND row_number IN (${rows.rows.join(', ')})` : ''}
      AND row_number NOT IN (SELECT row_number FROM ${outcome} WHERE kind = 'leftOut')`;
  await keep(run, planned, part, told);
}

async function keep({ results, stop }: Run, planned: PlannedMapping, part: number, told: string): Promise<void> {
  const { outcome, submission } = tablesOf(planned.planId, planned.step);
  const own = `SELECT t.* FROM (${told}) t SEMI JOIN (SELECT row_number FROM ${submission} WHERE part = ${part}) s USING (row_number)`;
  await results.fetch.staging.until(stop).run(
    `BEGIN TRANSACTION;
     DELETE FROM ${outcome} WHERE row_number IN (SELECT row_number FROM (${own}));
     INSERT INTO ${outcome} (row_number, kind, id, error) ${own};
     COMMIT`,
  );
}

const SAVED = {
  insert: 'created',
  update: 'updated',
  delete: 'deleted',
  hardDelete: 'deleted',
  undelete: 'undeleted',
} as const;

/** Kind, id and error, which is written as Bulk API writes it: the code, the message, the fields. */
function outcomeOf(item: SaveItem, operation: PlannedMapping['mapping']['operation']): [string, string, string] {
  const id = item.id ?? '';
  if (item.kept !== undefined) return ['leftOut', '', item.kept];
  if (!item.success) {
    const [first] = item.errors;
    const error = first ? `${first.statusCode}:${first.message}:${first.fields.join(',')} --` : 'UNKNOWN_EXCEPTION: --';
    return ['failed', id, error];
  }
  const kind = operation === 'upsert' ? (item.created === true ? 'created' : 'updated') : SAVED[operation];
  return [kind, id, ''];
}

/** What the error of a row says that was taken back for another row of its request (SOAP API Developer Guide, "AllOrNoneHeader"). */
const ROLLED_BACK = 'ALL_OR_NONE_OPERATION_ROLLED_BACK';

/**
 * Rows of a part, of those named, that failed because somebody else was at their records. Where rows are saved together or not at all,
 * those that were taken back with them are among these, if nothing else was wrong with any.
 */
export async function lockedRows(
  { results, stop }: Run,
  planned: PlannedMapping,
  part: number,
  { from, to }: RowRange,
): Promise<number[]> {
  const { outcome, submission } = tablesOf(planned.planId, planned.step);
  const isTogether = planned.mapping.policies?.allOrNone === true;
  const isLocked = lockedSql('o');
  const isBack = isTogether ? `starts_with(o.error, '${ROLLED_BACK}')` : 'false';
  const found = await results.fetch.staging.until(stop).query(
    `SELECT o.row_number, ${isLocked} AS locked, ${isBack} AS back FROM ${outcome} o JOIN ${submission} s USING (row_number)
     WHERE s.part = ${part} AND o.row_number BETWEEN ${from} AND ${to} AND o.kind = 'failed' AND (${isTogether} OR ${isLocked}) ORDER BY 1`,
  );
  const isOnlyLocked =
    found.some(({ locked }) => locked === true) && found.every(({ locked, back }) => locked === true || back === true);
  if (isTogether && !isOnlyLocked) return [];
  return found.map((row) => Number(row['row_number']));
}

/** Rows of a part that were not sent, because the load was canceled before. */
export async function leaveUnprocessed({ results, stop }: Run, planned: PlannedMapping, part: number): Promise<void> {
  const { outcome, submission } = tablesOf(planned.planId, planned.step);
  await results.fetch.staging.until(stop).run(
    `INSERT INTO ${outcome} SELECT s.row_number, 'unprocessed', '', '' FROM ${submission} s
     ANTI JOIN ${outcome} o ON o.row_number = s.row_number WHERE s.part = ${part}`,
  );
}

/** Rows of a part that the org has worked on, and those of them that failed. */
export async function countPart(
  { results, stop }: Run,
  planned: PlannedMapping,
  part: number,
): Promise<{ processed: number; failed: number }> {
  const { outcome, submission } = tablesOf(planned.planId, planned.step);
  const [row] = await results.fetch.staging.until(stop).query(
    `SELECT count(*) FILTER (o.kind <> 'unprocessed') AS processed, count(*) FILTER (o.kind = 'failed') AS failed
     FROM ${outcome} o JOIN ${submission} s USING (row_number) WHERE s.part = ${part}`,
  );
  return { processed: textNumber(row, 'processed'), failed: textNumber(row, 'failed') };
}

function textNumber(row: Parameters<typeof textOf>[0] | undefined, name: string): number {
  return Number(row?.[name] ?? 0);
}
