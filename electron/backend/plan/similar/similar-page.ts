import { bulkHeader } from '../../../../shared/domain/field-mapping.ts';
import { SourceRowNumber } from '../../../../shared/domain/ids.ts';
import {
  SimilarChoice,
  type SimilarGroup,
  type SimilarPage,
  type SimilarRow,
} from '../../../../shared/domain/similar-rows.ts';
import { ComparedThing } from '../../../../shared/domain/resemblance.ts';
import { fieldNamed } from '../../../../shared/domain/sobject.ts';
import { pairsAmong, type ResemblingPair } from '../../duplicates/resembling-pairs.ts';
import { textOf, type SqlRow } from '../../staging/staging-functions.ts';
import type { StagingSql } from '../../staging/staging-client.ts';
import { sent, tablesOf } from '../../tables/tables.ts';
import type { StoredPlan } from '../stored-plan.ts';
import { comparedColumns, readState, similarPairs, type ComparedColumns } from './similar-state.ts';

/** Rows of one group that are shown side by side. */
const ROWS_SHOWN = 20;
/** Thresholds that are counted, at the most. */
const THRESHOLDS = 60;

const EMPTY: SimilarPage = { fields: [], things: {}, groups: [], total: 0, counts: [] };

/** A page of the groups of a plan's rows that resemble one another, in the order of the file. */
export async function similarPage(
  sql: StagingSql,
  { plan, describe }: Pick<StoredPlan, 'plan' | 'describe'>,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<SimilarPage> {
  const { planId, mapping } = plan;
  const compared = comparedColumns({ mapping, describe });
  const state = await readState(sql, planId);
  if (!compared || !state) return EMPTY;
  const { similarGroup, rowDecision } = tablesOf(planId);
  const found = await sql.query(
    `SELECT array_to_string(list_sort(array_agg(row_number)), ',') AS members, any_value(keep) AS keep, bool_or(chosen) AS chosen,
       bool_and(kept_row IS NULL) AS open, min(row_number) FILTER (row_number IN (SELECT row_number FROM ${rowDecision})) AS decided FROM ${similarGroup} GROUP BY first_row ORDER BY first_row LIMIT ${limit} OFFSET ${offset}`,
  );
  const groups = found.map((row) => ({
    row,
    all: textOf(row, 'members')
      .split(',')
      .map((one) => SourceRowNumber.parse(Number(one))),
  }));
  const shown = groups.flatMap(({ all }) => all.slice(0, ROWS_SHOWN));
  const pairs = await pairsAmong(similarPairs(sql, planId, compared), shown.map(String));
  const rows = await rowsOf(sql, plan, compared, shown);
  const [counted] = await sql.query(`SELECT count(DISTINCT first_row) AS n FROM ${similarGroup}`);
  return {
    fields: [...compared.alike, ...compared.equal].map(({ target }) => bulkHeader(target)),
    things: thingsOf(compared, describe),
    groups: groups.map(({ row, all }) => groupOf(row, all, rows, pairs)),
    total: Number(counted?.['n'] ?? 0),
    counts: await countThresholds(sql, planId, compared, state.threshold),
  };
}

/** What is compared, by the labels of the fields; a place is told of by several. */
function thingsOf({ alike }: ComparedColumns, describe: StoredPlan['describe']): SimilarPage['things'] {
  const named = alike.flatMap(({ kind, target }) => {
    const thing = ComparedThing.safeParse(kind);
    return thing.success ? [[thing.data, fieldNamed(describe, target.field)?.label ?? target.field] as const] : [];
  });
  return Object.fromEntries(named);
}

type ShownRow = Omit<SimilarRow, 'bond'>;

async function rowsOf(
  sql: StagingSql,
  { planId }: StoredPlan['plan'],
  { alike, equal }: ComparedColumns,
  numbers: readonly SourceRowNumber[],
): Promise<Map<number, ShownRow>> {
  if (numbers.length === 0) return new Map();
  const { planned, mapped } = tablesOf(planId);
  const names = [...alike, ...equal].map(({ column }) => sent(column));
  const found = await sql.query(
    `SELECT p.row_number, p.kind, p.decision, ${names.map((name) => `m.${name}`).join(', ')}
     FROM ${planned} p JOIN ${mapped} m USING (row_number) WHERE p.row_number IN (${numbers.join(', ')})`,
  );
  return new Map(
    found.map((row) => [
      Number(row['row_number']),
      {
        row: SourceRowNumber.parse(Number(row['row_number'])),
        values: names.map((name) => textOf(row, name)),
        what: whatOf(textOf(row, 'kind'), row['decision']),
      },
    ]),
  );
}

function whatOf(kind: string, decision: unknown): SimilarRow['what'] {
  if (kind === 'duplicate') return decision === 'merged' ? 'merged' : 'replaced';
  return kind === 'insert' || kind === 'update' ? 'sent' : 'notSent';
}

function groupOf(
  found: SqlRow,
  all: SourceRowNumber[],
  rows: ReadonlyMap<number, ShownRow>,
  pairs: readonly ResemblingPair[],
): SimilarGroup {
  const keep = textOf(found, 'keep');
  const members = new Set(all.map(String));
  const own = pairs.filter(({ row, record }) => members.has(row) && members.has(record));
  return {
    all,
    rows: all.flatMap((number) => {
      const row = rows.get(number);
      return row ? [{ ...row, bond: number === all[0] ? null : bondOf(number, own) }] : [];
    }),
    choice: found['chosen'] === true ? SimilarChoice.parse(/^\d+$/.test(keep) ? Number(keep) : keep) : null,
    undecided: keep === 'newest' && found['open'] === true,
    resembles: keep === 'all' || found['decided'] === null ? null : SourceRowNumber.parse(Number(found['decided'])),
  };
}

/** The pair that binds a row to its group the most. */
function bondOf(number: number, pairs: readonly ResemblingPair[]): SimilarRow['bond'] {
  const key = String(number);
  // They come with the surest first.
  const pair = pairs.find(({ row, record }) => row === key || record === key);
  if (!pair) return null;
  const other = Number(pair.row === key ? pair.record : pair.row);
  return { row: SourceRowNumber.parse(other), weight: pair.weight, reasons: [...pair.reasons] };
}

/** What the threshold would find at every whole number there are pairs around, and where it is. */
async function countThresholds(
  sql: StagingSql,
  planId: StoredPlan['plan']['planId'],
  compared: ComparedColumns,
  threshold: number,
): Promise<SimilarPage['counts']> {
  const pairs = similarPairs(sql, planId, compared).work.table('pairs');
  const rows = await sql.query(
    `WITH bound AS (SELECT floor(min(weight)) AS low, least(ceil(max(weight)), floor(min(weight)) + ${THRESHOLDS}) AS high FROM ${pairs}),
     step AS (SELECT unnest(range(low::INTEGER, high::INTEGER + 1))::DOUBLE AS threshold FROM bound WHERE low IS NOT NULL UNION SELECT ${threshold}::DOUBLE),
     likeliest AS (SELECT max(weight) AS weight FROM (SELECT l AS id, weight FROM ${pairs} UNION ALL SELECT r, weight FROM ${pairs}) GROUP BY id)
     SELECT threshold, (SELECT count(*) FROM ${pairs} p WHERE p.weight >= threshold) AS pairs, (SELECT count(*) FROM likeliest t WHERE t.weight >= threshold) AS n
     FROM step ORDER BY threshold`,
  );
  return rows.map((row) => ({
    threshold: Number(row['threshold']),
    pairs: Number(row['pairs']),
    rows: Number(row['n']),
  }));
}
