import { quoteName } from '../tables/quote.ts';
import type { Resemblance } from './find-resembling.ts';

/** Rows that are taken for one another, in `members`, with the sum of what binds them. */
export interface Edge {
  readonly l: number;
  readonly r: number;
  readonly weight: number;
}

/** Of all pairs that a group could have, how many are to be there at least: in a chain those at its ends do not resemble each other. */
const DENSE = 0.5;
/** A chain of single words, a thousand rows long, takes as many rounds as its length has binary digits, and some. */
const ROUNDS_AT_MOST = 60;

/**
 * Puts rows that resemble one another into groups, in a table of `key` and `cluster` (the least id of its rows): those that pairs from the
 * threshold on connect, cut at the weakest pair as long as fewer than half of a group's pairs are there. Rows that are alone are not in it.
 * Gives the table's name, and how many groups there are and how many pairs were cut. For rows among themselves.
 */
export async function clusterRows(
  { work, sides }: Pick<Resemblance, 'work' | 'sides'>,
  threshold: number,
): Promise<{ table: string; clusters: number; cut: number }> {
  const [edges, member, next, groups] = ['edges', 'member', 'member_next', 'clusters'].map((name) =>
    work.table(name),
  ) as [string, string, string, string];
  await work.run(
    `CREATE OR REPLACE TABLE ${edges} AS SELECT l, r, weight FROM ${work.table('pairs')} WHERE weight >= ${threshold};
     CREATE OR REPLACE TABLE ${member} AS SELECT DISTINCT id, id AS cluster FROM (SELECT l AS id FROM ${edges} UNION ALL SELECT r FROM ${edges})`,
  );
  for (let round = 0; round < ROUNDS_AT_MOST; round++) {
    // The least of a row's own and its neighbours' groups, and of that group's own: twice as far each round.
    await work.run(
      `CREATE OR REPLACE TABLE ${next} AS SELECT id, min(cluster) AS cluster FROM (
         SELECT e.l AS id, m.cluster FROM ${edges} e JOIN ${member} m ON m.id = e.r UNION ALL
         SELECT e.r, m.cluster FROM ${edges} e JOIN ${member} m ON m.id = e.l UNION ALL
         SELECT m.id, o.cluster FROM ${member} m JOIN ${member} o ON o.id = m.cluster) GROUP BY id`,
    );
    const [changed] = await work.query(
      `SELECT count(*) AS n FROM ${next} JOIN ${member} m USING (id) WHERE m.cluster <> ${next}.cluster`,
    );
    await work.run(`DROP TABLE ${member}; ALTER TABLE ${next} RENAME TO ${quoteName(work.bare('member'))}`);
    if (Number(changed?.['n']) === 0) break;
  }
  const cut = await cutLoose(work, edges, member);
  await work.run(
    `CREATE OR REPLACE TABLE ${groups} AS SELECT l.key, m.cluster FROM ${member} m JOIN ${work.table(sides.left)} l USING (id)
       QUALIFY count(*) OVER (PARTITION BY m.cluster) > 1;
     DROP TABLE ${member}; DROP TABLE ${edges}`,
  );
  const [found] = await work.query(`SELECT count(DISTINCT cluster) AS n FROM ${groups}`);
  return { table: groups, clusters: Number(found?.['n']), cut };
}

/** Cuts the groups that are held together by too little, one after the other. */
async function cutLoose(work: Resemblance['work'], edges: string, member: string): Promise<number> {
  const loose = await work.query(
    `SELECT cluster FROM (SELECT cluster, count(*) AS n FROM ${member} GROUP BY cluster)
     JOIN (SELECT m.cluster, count(*) AS pairs FROM ${edges} e JOIN ${member} m ON m.id = e.l GROUP BY m.cluster) USING (cluster)
     WHERE pairs < ${DENSE} * n * (n - 1) / 2`,
  );
  let cut = 0;
  for (const { cluster } of loose) {
    const rows = await work.query(
      `SELECT e.l, e.r, e.weight FROM ${edges} e JOIN ${member} m ON m.id = e.l WHERE m.cluster = ${Number(cluster)}`,
    );
    const own = rows.map((row) => ({ l: Number(row['l']), r: Number(row['r']), weight: Number(row['weight']) }));
    const parts = cutAtWeakest(own);
    cut += parts.cut;
    const moved = parts.groups.flatMap((ids) => ids.map((id) => `(${id}, ${Math.min(...ids)})`));
    await work.run(
      `UPDATE ${member} SET cluster = v.cluster FROM (VALUES ${moved.join(', ')}) v (id, cluster) WHERE ${member}.id = v.id`,
    );
  }
  return cut;
}

/** Takes the weakest pair out of every group that is not dense, until all are; rows that are left alone are groups of one. */
export function cutAtWeakest(edges: readonly Edge[]): { groups: number[][]; cut: number } {
  const weakestLast = [...edges].sort((a, b) => b.weight - a.weight || a.l - b.l || a.r - b.r);
  const alone = new Set(edges.flatMap(({ l, r }) => [l, r]));
  const [done, open]: [number[][], Edge[][]] = [[], [weakestLast]];
  let cut = 0;
  for (let own = open.pop(); own; own = open.pop()) {
    for (const part of connected(own)) {
      const ids = [...new Set(part.flatMap(({ l, r }) => [l, r]))];
      if (part.length >= (DENSE * ids.length * (ids.length - 1)) / 2) {
        done.push(ids);
        for (const id of ids) alone.delete(id);
      } else {
        cut++;
        open.push(part.slice(0, -1));
      }
    }
  }
  return { groups: [...done, ...[...alone].map((id) => [id])], cut };
}

/** The pairs of each group that they connect, in the order they come in. */
function connected(edges: readonly Edge[]): Edge[][] {
  const above = new Map<number, number>();
  const top = (id: number): number => {
    let at = id;
    for (let up = above.get(at); up !== undefined && up !== at; up = above.get(at)) at = up;
    above.set(id, at);
    return at;
  };
  for (const { l, r } of edges) above.set(top(l), top(r));
  const groups = new Map<number, Edge[]>();
  for (const edge of edges) {
    const group = groups.get(top(edge.l)) ?? [];
    group.push(edge);
    groups.set(top(edge.l), group);
  }
  return [...groups.values()];
}
