import type { PartState } from './part-state.ts';
import type { LoadRun } from './load-run.ts';
import { discard } from './open-job.ts';

/**
 * Looks at the records of a part of an undo once more, just before they are written: rows whose records have changed since are taken out, with
 * the job that has them, and the others go as a part of their own, which is looked at as well. True if there were any: this part is done with
 * then.
 */
export async function keptRows(run: LoadRun, part: PartState, jobId: string): Promise<boolean> {
  const { keepMoved } = run;
  return keepMoved !== null && run.alone(() => keepRows(run, part, jobId, keepMoved));
}

async function keepRows(
  run: LoadRun,
  part: PartState,
  jobId: string,
  keepMoved: NonNullable<LoadRun['keepMoved']>,
): Promise<boolean> {
  const kept = await keepMoved(part);
  if (kept === null) return false;
  await discard(run, part, jobId);
  const parts = await kept.writeRest();
  await run.journal.write({ step: 'KEPT', part: part.part, parts });
  part.stand = { at: 'KEPT' };
  kept.kept(parts);
  run.holdToDisk();
  run.progress(part.part, { state: 'Reconciled', jobId: null, processed: kept.rows, failed: 0 });
  return true;
}
