import { planWay } from '../../../shared/domain/confirmation.ts';
import { checksAgain } from '../../../shared/domain/field-mapping.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { tablesOf } from '../tables/tables.ts';
import { findMoved, noteKept } from './keep-moved.ts';
import { freshPart, type PartState } from './part-state.ts';
import type { LoadRun } from './load-run.ts';
import type { ResultTools } from './take-results.ts';
import { writePartAgain } from './write-parts.ts';

interface KeepingRun extends Pick<LoadRun, 'stop' | 'folder'> {
  readonly staging: StagingClient;
  readonly stored: StoredPlan;
  readonly results: ResultTools;
}

/** The parts that the rows went to which were left of a part, those left of these included. */
export function restsOf(all: readonly PartState[], part: PartState): PartState[] {
  const rests = all.filter(({ restOf, lockedOf }) => restOf === part.part && lockedOf === null);
  return rests.flatMap((rest) => [rest, ...restsOf(all, rest)]);
}

/** How an undo keeps rows of its jobs, just before it writes (`LoadRun.keepMoved`). */
export function keepingMoved(run: KeepingRun, all: PartState[], added: () => void): LoadRun['keepMoved'] {
  const { plan } = run.stored;
  if (!checksAgain(plan.mapping)) return null;
  return async (part) => {
    if (part.past) return null;
    const planned = run.results.planned[part.of];
    const again = { fetch: run.results.fetch, planned, fetchedAt: plan.currentRecordsFetchedAt };
    const { submission } = tablesOf(plan.planId, planned.step);
    const own = `SELECT row_number FROM ${submission} WHERE part = ${part.part}`;
    const moved = await findMoved(again, `p.row_number IN (${own})`, run.stop);
    if (moved.length === 0) return null;
    const next = Math.max(...all.map((one) => one.part)) + 1;
    return {
      rows: moved.length,
      writeRest: async () => {
        await noteKept(again, part.part, moved, run.stop);
        const kept = moved.map(({ row }) => row).join(', ');
        const rest = { part: next, rowsSql: `${own} AND row_number NOT IN (${kept})`, way: part.way ?? planWay(plan) };
        const written = await writePartAgain(run.staging.until(run.stop), planned, run.folder, rest);
        return written ? [{ ...written, way: rest.way }] : [];
      },
      kept: (parts) => {
        all.push(...parts.map((one) => freshPart(one, part.of, part.lockedOf, part.part)));
        added();
      },
    };
  };
}
