import { quoteText } from '../tables/quote.ts';
import type { BlockingRule } from './default-models.ts';
import type { ResemblanceTables } from './resemblance-work.ts';

/** Pairs of one block that are looked at: a value that a thousand rows and a thousand records share tells nobody apart. */
const BLOCK_AT_MOST = 10_000;

/** What was not looked at, for it is to be said. */
export interface CappedRule {
  readonly rule: string;
  /** Blocks over the cap, and their pairs with those that were looked at. */
  readonly blocks: number;
  readonly pairs: number;
  readonly lookedAt: number;
}

/** The two prepared tables of a comparison; of a table with itself both are one. */
export interface Sides {
  readonly left: string;
  readonly right: string;
}

export const isWithin = ({ left, right }: Sides): boolean => left === right;

/** Rows that every pair of `l` and `r` is once, and none of a row with itself. */
export const onceSql = (sides: Sides): string => (isWithin(sides) ? 'l.id < r.id' : 'true');

const keysSql = (work: ResemblanceTables, rule: BlockingRule, at: number, name: string): string =>
  `SELECT ${at}::TINYINT AS rule, hash(${rule.key}, equal) AS k, id FROM ${work.table(name)} WHERE (${rule.key}) IS NOT NULL AND equal IS NOT NULL`;

/**
 * Finds the blocks of the rules: leaves the keys of both sides in `keys_l` and `keys_r`, of records only those that some row has too,
 * and of blocks over the cap only as many as it allows. Gives back what that left out.
 */
export async function blockRecords(
  work: ResemblanceTables,
  sides: Sides,
  rules: readonly BlockingRule[],
  atMost = BLOCK_AT_MOST,
): Promise<CappedRule[]> {
  const [left, right, large] = [work.table('keys_l'), work.table('keys_r'), work.table('large')];
  const shape = '(rule TINYINT, k UBIGINT, id INTEGER)';
  await work.run(`CREATE OR REPLACE TABLE ${left} ${shape}; CREATE OR REPLACE TABLE ${right} ${shape}`);
  for (const [at, rule] of rules.entries()) {
    await work.run(`INSERT INTO ${left} ${keysSql(work, rule, at, sides.left)}`);
    await work.run(
      `INSERT INTO ${right} SELECT * FROM (${keysSql(work, rule, at, sides.right)}) WHERE k IN (SELECT k FROM ${left} WHERE rule = ${at})`,
    );
  }
  const pairs = isWithin(sides) ? 'nl * (nl - 1) // 2' : 'nl * nr';
  await work.run(
    `CREATE OR REPLACE TABLE ${large} AS SELECT *, ${pairs} AS pairs, greatest(1, ${atMost} // nl) AS most
     FROM (SELECT rule, k, count(*) AS nl FROM ${left} GROUP BY ALL) JOIN (SELECT rule, k, count(*) AS nr FROM ${right} GROUP BY ALL) USING (rule, k)
     WHERE ${pairs} > ${atMost};
     DELETE FROM ${right} WHERE rowid IN (SELECT row_at FROM (
       SELECT r.rowid AS row_at, most, row_number() OVER (PARTITION BY rule, k ORDER BY hash(r.id)) AS place
       FROM ${right} r JOIN ${large} USING (rule, k)) WHERE place > most)`,
  );
  const capped = await work.query(
    `SELECT rule, count(*) AS blocks, sum(pairs)::BIGINT AS pairs, sum(least(pairs, nl * most))::BIGINT AS looked FROM ${large} GROUP BY rule ORDER BY rule`,
  );
  await work.run(`DROP TABLE ${large}`);
  return capped.map((row) => ({
    rule: rules[Number(row['rule'])]?.name ?? '',
    blocks: Number(row['blocks']),
    pairs: Number(row['pairs']),
    lookedAt: Number(row['looked']),
  }));
}

/** The pairs of the blocks, each once, as `l` and `r`. */
export function blockedPairsSql(work: ResemblanceTables, sides: Sides): string {
  return `SELECT DISTINCT l.id AS l, r.id AS r FROM ${work.table('keys_l')} l JOIN ${work.table('keys_r')} r USING (rule, k)
    WHERE ${onceSql(sides)}`;
}

/** Pairs of one rule alone, for training: about `atMost` of them, of rows that are chosen by their hash. */
export async function sampleOfRule(
  work: ResemblanceTables,
  sides: Sides,
  rule: BlockingRule,
  atMost: number,
): Promise<string> {
  const table = work.table('sample');
  const keyed = (name: string) =>
    `SELECT id, ${rule.key} AS k FROM ${work.table(name)} WHERE (${rule.key}) IS NOT NULL`;
  const [found] = await work.query(
    `SELECT coalesce(sum(least(nl * nr, ${BLOCK_AT_MOST})), 0)::BIGINT AS n FROM (SELECT k, count(*) AS nl FROM (${keyed(sides.left)}) GROUP BY k)
     JOIN (SELECT k, count(*) AS nr FROM (${keyed(sides.right)}) GROUP BY k) USING (k)`,
  );
  const one = Math.max(1, Math.ceil(Number(found?.['n'] ?? 0) / atMost));
  // Whole blocks: a sample of rows would find no pairs within one table.
  await work.run(
    `CREATE OR REPLACE TABLE ${table} AS
     SELECT l.id AS l, r.id AS r FROM (${keyed(sides.left)}) l JOIN (${keyed(sides.right)}) r USING (k)
     WHERE hash(k || ${quoteText(rule.name)}) % ${one} = 0 AND ${onceSql(sides)} LIMIT ${atMost}`,
  );
  return table;
}
