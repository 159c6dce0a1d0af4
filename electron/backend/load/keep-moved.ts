import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { checksAgain } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { dropFetched, type FetchTools } from '../plan/fetch-current-records.ts';
import { matchRequest, wantsChangedBy } from '../plan/fetch-matches.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import type { SavedRecord } from '../plan/saved-record.ts';
import { textOf } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import { CHANGED_BY, tablesOf } from '../tables/tables.ts';
import { factsSql, fetchNow } from './refuse-drift.ts';

/** Records as they are just before they are written, in the plan's database while they are compared. */
const JUST_BEFORE = 'record_just_before';

/** What an undo compares its records with, just before it writes. */
export interface AgainTools {
  readonly fetch: FetchTools;
  readonly planned: PlannedMapping;
  /** When the plan read its records, ms since the epoch by the org's clock. */
  readonly fetchedAt: number;
}

/** A row whose record somebody changed since the plan was made, and what is said of it. */
export interface MovedSince {
  readonly row: number;
  readonly text: string;
}

/** What is said of a row whose record an undo leaves as it is: when it was changed last, as the org tells it, and by whom. */
export function keptText(changedAt: string, by: string): string {
  const when = changedAt === '' ? '' : `, last on ${changedAt}`;
  return `Longshore: kept, because the record changed since the plan was made${when}${by === '' ? '' : ` by ${by}`}`;
}

const DELETED = 'Longshore: kept, because the record was deleted since the plan was made';

/**
 * Reads the records of rows that an undo is about to write once more, and finds those that are no longer as its plan has them. Rows are
 * those that an SQL condition over `planned` (`p`) names. Stamps have whole seconds, so that values are compared as well. Nothing is found
 * of a load that is no undo.
 */
export async function findMoved(
  { fetch, planned, fetchedAt }: AgainTools,
  which: string,
  signal: AbortSignal,
): Promise<MovedSince[]> {
  const { mapping, describe, planId, step } = planned;
  const request = matchRequest(planned, JUST_BEFORE);
  if (!checksAgain(mapping) || !request) return [];
  const { planned: rows, currentRecord, named } = tablesOf(planId, step);
  try {
    const complete = await fetchNow(fetch, planned, request, fetchedAt, signal, which);
    const withDeleted = !complete && fieldNamed(describe, 'IsDeleted') !== undefined;
    const isGone = withDeleted ? "n.deleted = 'true'" : complete ? 'n.id IS NULL' : 'false';
    const by = wantsChangedBy(mapping, describe) ? `coalesce(n.${CHANGED_BY}, '')` : "''";
    const at = request.stamp ? "coalesce(n.stamp, '')" : "''";
    const facts = factsSql(request);
    const found = await fetch.staging.until(signal).query(
      `SELECT p.row_number, ${isGone} AS gone, ${at} AS at, ${by} AS by
       FROM ${rows} p JOIN (SELECT id, ${facts} AS facts FROM ${currentRecord}) c ON c.id = p.id
         LEFT JOIN (SELECT *, ${facts} AS facts FROM ${named(JUST_BEFORE)}) n ON n.id = p.id
       WHERE ${which} AND (${isGone} OR n.facts <> c.facts) ORDER BY 1`,
    );
    return found.map((row) => ({
      row: Number(row['row_number']),
      text: row['gone'] === true ? DELETED : keptText(textOf(row, 'at'), textOf(row, 'by')),
    }));
  } finally {
    await dropFetched(fetch, request);
  }
}

/**
 * Gives rows of a part that are kept their outcomes, in the place of what such a look has said of the part before, or of `these` rows alone.
 */
export async function noteKept(
  { fetch, planned }: Pick<AgainTools, 'fetch' | 'planned'>,
  part: number,
  kept: readonly MovedSince[],
  signal: AbortSignal,
  replaced: 'all' | 'these' = 'all',
): Promise<void> {
  const { outcome, submission } = tablesOf(planned.planId, planned.step);
  const values = kept.map(({ row, text }) => `(${row}, 'leftOut', '', ${quoteText(text)})`);
  const rows = kept.map(({ row }) => row);
  await fetch.staging.until(signal).run(
    `BEGIN TRANSACTION;
     DELETE FROM ${outcome} WHERE row_number IN (SELECT row_number FROM ${submission} WHERE part = ${part}) AND (${replaced === 'all' ? "kind = 'leftOut' OR " : ''}row_number IN (${rows.join(', ') || '0'}));
     ${values.length > 0 ? `INSERT INTO ${outcome} (row_number, kind, id, error) VALUES ${values.join(', ')};` : ''}
     COMMIT`,
  );
}

/** When the record of a row was changed last, as the plan has it, ms since the epoch. Throws where the plan does not know. */
export async function stampOf(
  { fetch, planned }: Pick<AgainTools, 'fetch' | 'planned'>,
  row: number,
  signal: AbortSignal,
): Promise<number> {
  const { planned: rows, currentRecord } = tablesOf(planned.planId, planned.step);
  const [found] = await fetch.staging
    .until(signal)
    .query(`SELECT c.stamp FROM ${rows} p JOIN ${currentRecord} c ON c.id = p.id WHERE p.row_number = ${row}`);
  const stamp = Date.parse(String(found?.['stamp'] ?? ''));
  if (Number.isNaN(stamp)) throw new FailureError({ code: 'DATA_DAMAGED', what: 'The database of this load' });
  return stamp;
}

const Changed = z.object({ LastModifiedDate: z.string(), LastModifiedBy: z.object({ Name: z.string() }).nullish() });

/** What is said of a row whose record the org says was changed since: who did, and when, is asked of it. */
export async function whoChanged(
  client: Pick<OrgClient, 'query'>,
  objectName: string,
  { id = '' }: SavedRecord,
  signal: AbortSignal,
): Promise<string> {
  const soql = `SELECT LastModifiedDate, LastModifiedBy.Name FROM ${objectName} WHERE Id = '${id.replace(/\W/g, '')}'`;
  try {
    const [record] = await client.query(soql, signal);
    const { LastModifiedDate: at, LastModifiedBy: by } = Changed.parse(record);
    return keptText(`${new Date(at).toISOString().slice(0, 19)}Z`, by?.Name ?? '');
  } catch (error) {
    // It is kept, whether or not the org tells of whom.
    if (signal.aborted) throw error;
    return keptText('', '');
  }
}
