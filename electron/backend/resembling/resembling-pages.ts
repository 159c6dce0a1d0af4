import { RecordId, SourceRowNumber } from '../../../shared/domain/ids.ts';
import {
  isForRecord,
  ResemblingDecision,
  type ResemblingRow,
  type ResemblingView,
} from '../../../shared/domain/resembling.ts';
import type { Resemblance } from '../duplicates/find-resembling.ts';
import { readPairs, type ResemblingPair } from '../duplicates/resembling-pairs.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { textOf, type SqlRow } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { tablesOf } from '../tables/tables.ts';
import { engineTable, FOUND_BY, SHOWN_RECORDS, SHOWN_ROWS, type FoundInPlan } from './find-in-plan.ts';

type Sql = Pick<StagingSql, 'query'>;

/** Names of the tables that pairs are read from, as SQL writes them. */
export function pairTables({ plan: { planId } }: Pick<StoredPlan, 'plan'>) {
  const { named, rowDecision, planned } = tablesOf(planId);
  return {
    pairs: engineTable(planId, 'pairs'),
    rows: engineTable(planId, 'rows'),
    records: engineTable(planId, 'records'),
    foundBy: named(FOUND_BY),
    rowDecision,
    planned,
  };
}

/** Pairs of `resembling_pairs` from a threshold on, and those only that a rule found. */
export function fromThreshold(
  stored: Pick<StoredPlan, 'plan'>,
  { model }: Pick<Resemblance, 'model'>,
  { threshold, rule }: Pick<ResemblingView, 'threshold' | 'rule'>,
): string {
  const { foundBy } = pairTables(stored);
  const at = model.blocking.findIndex(({ name }) => name === rule);
  const ofRule = `EXISTS (SELECT 1 FROM ${foundBy} b WHERE b.l = resembling_pairs.l AND b.r = resembling_pairs.r AND b.rule = ${at})`;
  return `weight >= ${threshold}${rule === null ? '' : ` AND ${ofRule}`}`;
}

/** Rows, by their ids in the engine, that would still be created and of which nothing was decided. */
export function openRowsSql(stored: Pick<StoredPlan, 'plan'>): string {
  const { rows, planned, rowDecision } = pairTables(stored);
  return `SELECT a.id FROM ${rows} a JOIN ${planned} p ON p.row_number = a.key::INTEGER
    WHERE p.kind = 'insert' AND p.row_number NOT IN (SELECT row_number FROM ${rowDecision})`;
}

function conditionOf(stored: StoredPlan, found: FoundInPlan, view: ResemblingView): string {
  const { rows, records, rowDecision } = pairTables(stored);
  // A decision is shown whatever the threshold is by now.
  if (view.which === 'decided')
    return `EXISTS (SELECT 1 FROM ${rowDecision} d JOIN ${rows} a ON a.key = d.row_number::VARCHAR JOIN ${records} b ON b.key = d.id
      WHERE a.id = resembling_pairs.l AND b.id = resembling_pairs.r)`;
  const above = fromThreshold(stored, found.resemblance, view);
  return view.which === 'open' ? `${above} AND l IN (${openRowsSql(stored)})` : above;
}

/** A page of what was found, the surest first. */
export async function resemblingPage(
  staging: Sql,
  stored: StoredPlan,
  { found, resemblance }: { readonly found: FoundInPlan; readonly resemblance: Resemblance },
  view: ResemblingView,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ pairs: ResemblingRow[]; total: number }> {
  const condition = conditionOf(stored, found, view);
  const [counted] = await staging.query(`SELECT count(*) AS n FROM ${pairTables(stored).pairs} WHERE ${condition}`);
  const page = `WHERE ${condition} ORDER BY weight DESC, l, r LIMIT ${limit} OFFSET ${offset}`;
  const pairs = await readPairs(resemblance, page);
  return {
    pairs: await withFacts(staging, stored, found, pairs, view.threshold),
    total: Number(counted?.['n'] ?? 0),
  };
}

/** Pairs with all that a person decides by. */
export async function withFacts(
  staging: Sql,
  stored: StoredPlan,
  { report, resemblance: { model } }: FoundInPlan,
  pairs: readonly ResemblingPair[],
  threshold: number,
): Promise<ResemblingRow[]> {
  if (pairs.length === 0) return [];
  const { named, planned, rowDecision } = tablesOf(stored.plan.planId);
  const { pairs: all, rows, records, foundBy } = pairTables(stored);
  const listed = (keys: readonly string[]) => [...new Set(keys)].map((key) => quoteText(key)).join(', ');
  const [rowKeys, recordKeys] = [listed(pairs.map(({ row }) => row)), listed(pairs.map(({ record }) => record))];
  const byKey = (found: SqlRow[]) => new Map(found.map((one) => [textOf(one, 'key'), one]));
  const shownRows = byKey(await staging.query(`FROM ${named(SHOWN_ROWS)} WHERE key IN (${rowKeys})`));
  const shownRecords = byKey(await staging.query(`FROM ${named(SHOWN_RECORDS)} WHERE key IN (${recordKeys})`));
  const countOf = async (side: string, id: string, keys: string) =>
    byKey(
      await staging.query(
        `SELECT s.key, count(*) AS n FROM ${all} p JOIN ${side} s ON s.id = p.${id} WHERE p.weight >= ${threshold} AND s.key IN (${keys}) GROUP BY s.key`,
      ),
    );
  const [recordsOf, rowsOf] = [await countOf(rows, 'l', rowKeys), await countOf(records, 'r', recordKeys)];
  const rules = await staging.query(
    `SELECT a.key AS row_key, b.key AS record_key, f.rule FROM ${foundBy} f JOIN ${rows} a ON a.id = f.l JOIN ${records} b ON b.id = f.r
     WHERE a.key IN (${rowKeys}) AND b.key IN (${recordKeys}) ORDER BY f.rule`,
  );
  const decisions = byKey(
    await staging.query(
      `SELECT row_number::VARCHAR AS key, decision, id FROM ${rowDecision} WHERE row_number::VARCHAR IN (${rowKeys})`,
    ),
  );
  const taken = byKey(
    await staging.query(
      `SELECT id AS key, min(row_number) AS row_number FROM ${planned} WHERE id IN (${recordKeys}) GROUP BY id`,
    ),
  );
  return pairs.map((pair): ResemblingRow => {
    const decided = decisions.get(pair.row);
    const [decision, id] = [ResemblingDecision.nullable().parse(decided?.['decision'] ?? null), textOf(decided, 'id')];
    const elsewhere = isForRecord(decision) && id !== pair.record;
    const by = Number(taken.get(pair.record)?.['row_number'] ?? pair.row);
    return {
      row: SourceRowNumber.parse(Number(pair.row)),
      record: RecordId.parse(pair.record),
      weight: pair.weight,
      reasons: [...pair.reasons],
      rules: rules
        .filter((one) => one['row_key'] === pair.row && one['record_key'] === pair.record)
        .map((one) => model.blocking[Number(one['rule'])]?.name ?? ''),
      fields: report.fields.map((field, place) => ({
        field,
        row: textOf(shownRows.get(pair.row), `f${place}`),
        record: textOf(shownRecords.get(pair.record), `f${place}`),
      })),
      records: Number(recordsOf.get(pair.row)?.['n'] ?? 0),
      rows: Number(rowsOf.get(pair.record)?.['n'] ?? 0),
      decision: elsewhere ? null : decision,
      elsewhere,
      takenBy: by === Number(pair.row) ? null : SourceRowNumber.parse(by),
    };
  });
}

/** How many pairs at the threshold each rule found. */
export async function countRules(
  staging: Sql,
  stored: StoredPlan,
  { resemblance: { model, threshold } }: FoundInPlan,
): Promise<{ rule: string; pairs: number }[]> {
  const { foundBy, pairs } = pairTables(stored);
  const counted = await staging.query(
    `SELECT f.rule, count(*) AS n FROM ${foundBy} f JOIN ${pairs} p USING (l, r) WHERE p.weight >= ${threshold} GROUP BY 1 ORDER BY n DESC, 1`,
  );
  return counted.map((row) => ({ rule: model.blocking[Number(row['rule'])]?.name ?? '', pairs: Number(row['n']) }));
}
