import { FailureError } from '../../../shared/contract/failure.ts';
import { tablesOf, type Step } from '../tables/tables.ts';
import type { PartState } from './part-state.ts';
import type { WholeRun } from './whole-run.ts';
import { takeBackParts } from './write-parts.ts';
import { changesOf } from '../../../shared/domain/confirmation.ts';

/**
 * The plan's database must be the one whose rows the journal tells of: an older copy, or one that lost its last writes, would have
 * rows that were sent told as unsent. Parts whose outcomes are not all there are made outcomes of again, from their result files.
 * Throws `DATA_DAMAGED`.
 */
export async function holdToDatabase(
  run: Pick<WholeRun, 'stored' | 'staging' | 'stop'>,
  parts: readonly PartState[],
): Promise<void> {
  const { planId } = run.stored.plan;
  const damaged = new FailureError({ code: 'DATA_DAMAGED', what: 'The database of this load' });
  const refused = (error: unknown): never => {
    if (run.stop.aborted || error instanceof FailureError) throw error;
    throw damaged;
  };
  const countParts = async (step: Step) => {
    const { submission, outcome } = tablesOf(planId, step);
    const counted = await run.staging
      .until(run.stop)
      .query(
        `SELECT s.part, count(*) AS n, count(o.row_number) AS told FROM ${submission} s LEFT JOIN ${outcome} o USING (row_number) GROUP BY s.part`,
      )
      .catch(refused);
    return counted.map(({ part, n, told }) => ({ part: Number(part), n: Number(n), told: Number(told) }));
  };
  const numbers = parts.map(({ part }) => part);
  const isSecond = parts.some(({ of }) => of === 'second');
  for (const step of isSecond ? (['first', 'second'] as const) : (['first'] as const))
    await takeBackParts(run.staging.until(run.stop), planId, step, numbers).catch(refused);
  const inSecond = parts.filter(({ of, past, lockedOf }) => of === 'second' && !past && lockedOf === null);
  const [first, second] = [await countParts('first'), inSecond.length > 0 ? await countParts('second') : []];
  const rowsIn = (counts: readonly { readonly n: number }[]) => counts.reduce((sum, { n }) => sum + n, 0);
  if (rowsIn(first) !== changesOf(run.stored.plan.counts)) throw damaged;
  if (rowsIn(second) !== inSecond.reduce((sum, { rows }) => sum + rows, 0)) throw damaged;
  const byPart = new Map([...first, ...second].map((one) => [one.part, one]));
  for (const part of parts) {
    const found = byPart.get(part.part) ?? { n: 0, told: 0 };
    if (found.told === found.n) continue;
    if (part.stand.at === 'RECONCILED') part.stand = { ...part.stand, at: 'RESULTS' };
    if (part.stand.at === 'SETTLED') part.stand = { at: 'SENT', collections: part.stand.collections };
  }
}
