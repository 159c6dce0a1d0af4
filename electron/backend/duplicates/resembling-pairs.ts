import type { ResemblanceReason } from '../../../shared/domain/resemblance.ts';
import { quoteText } from '../tables/quote.ts';
import { textOf, type SqlRow } from '../staging/staging-functions.ts';
import type { ResemblanceModel } from './default-models.ts';
import type { Resemblance } from './find-resembling.ts';
import { groupsOf } from './sum-weights.ts';

/** Two that may be the same. */
export interface ResemblingPair {
  /** Keys of the row, and of the record; of rows among themselves of both. */
  readonly row: string;
  readonly record: string;
  /** In bits over even odds: 0 is as likely as not, 10 a thousand to one. */
  readonly weight: number;
  /** What counts for and against it; with `prior` they sum to the weight. */
  readonly reasons: readonly ResemblanceReason[];
}

/** What a threshold would find. */
export interface ThresholdCount {
  readonly threshold: number;
  readonly pairs: number;
  /** Rows that resemble at least one record. */
  readonly rows: number;
}

/** How many pairs a person is asked about. */
const ASKED = 20;

function reasonsOf(model: ResemblanceModel, row: SqlRow): ResemblanceReason[] {
  const weights = model.comparisons.map((_, at) => Number(row[`w_${at}`]));
  for (const group of groupsOf(model)) {
    const own = group.map((at) => weights[at] ?? 0);
    // Of equal ones the first, as each counts once.
    const counted = [Math.max(0, ...own), Math.min(0, ...own)].map((weight) => group[own.indexOf(weight)]);
    for (const at of group) if (!counted.includes(at)) weights[at] = 0;
  }
  return model.comparisons.flatMap(({ thing, levels }, at) => {
    const level = levels[Number(row[`g_${at}`])]?.level;
    return level === undefined ? [] : [{ thing, level, weight: weights[at] ?? 0 }];
  });
}

/** Pairs that SQL over `resembling_pairs` chooses, the surest first. */
export async function readPairs(
  { work, sides, model }: Pick<Resemblance, 'work' | 'sides' | 'model'>,
  which: string,
): Promise<ResemblingPair[]> {
  const rows = await work.query(
    `SELECT l.key AS row_key, r.key AS record_key, p.* FROM (SELECT * FROM ${work.table('pairs')} ${which}) p
     JOIN ${work.table(sides.left)} l ON l.id = p.l JOIN ${work.table(sides.right)} r ON r.id = p.r ORDER BY weight DESC, p.l, p.r`,
  );
  return rows.map((row) => ({
    row: textOf(row, 'row_key'),
    record: textOf(row, 'record_key'),
    weight: Number(row['weight']),
    reasons: reasonsOf(model, row),
  }));
}

/** A page of the pairs from a threshold on, the surest first. */
export function pairsFrom(
  found: Resemblance,
  { threshold, offset, limit }: { threshold: number; offset: number; limit: number },
): Promise<ResemblingPair[]> {
  return readPairs(found, `WHERE weight >= ${threshold} ORDER BY weight DESC, l, r LIMIT ${limit} OFFSET ${offset}`);
}

/** The pairs of rows among some of them, by their keys. Of a comparison of rows among themselves. */
export function pairsAmong(
  found: Pick<Resemblance, 'work' | 'sides' | 'model'>,
  keys: readonly string[],
): Promise<ResemblingPair[]> {
  const { work, sides } = found;
  const ids = `(SELECT id FROM ${work.table(sides.left)} WHERE key IN (${['NULL', ...keys.map(quoteText)].join(', ')}))`;
  return readPairs(found, `WHERE l IN ${ids} AND r IN ${ids}`);
}

/** What each of several thresholds would find. Below those that were kept, 12 bits under the model's, it can't be told. */
export async function countsAt({ work }: Resemblance, thresholds: readonly number[]): Promise<ThresholdCount[]> {
  const rows = await work.query(
    `SELECT t.threshold, count(p.l) AS pairs, count(DISTINCT p.l) AS n FROM (SELECT unnest([${thresholds.join(', ')}]::DOUBLE[]) AS threshold) t
     LEFT JOIN ${work.table('pairs')} p ON p.weight >= t.threshold GROUP BY t.threshold ORDER BY t.threshold`,
  );
  return rows.map((row) => ({
    threshold: Number(row['threshold']),
    pairs: Number(row['pairs']),
    rows: Number(row['n']),
  }));
}

/** The pairs that are least sure, nearest to the threshold, of each row one: what a person's word teaches the most. */
export function borderlinePairs(found: Resemblance, limit = ASKED): Promise<ResemblingPair[]> {
  const distance = `abs(weight - ${found.threshold})`;
  return readPairs(
    found,
    `QUALIFY row_number() OVER (PARTITION BY l ORDER BY ${distance}, r) = 1 ORDER BY ${distance}, l LIMIT ${limit}`,
  );
}
