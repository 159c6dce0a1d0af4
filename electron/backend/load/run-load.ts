import { FailureError } from '../../../shared/contract/failure.ts';
import {
  NO_OUTCOMES,
  OutcomeKind,
  totalOf,
  type LoadSnapshot,
  type OutcomeCounts,
} from '../../../shared/domain/load-results.ts';
import { checksAgain, isUpdateOnly, removes } from '../../../shared/domain/field-mapping.ts';
import { decidedUpdates } from '../../../shared/domain/load-plan.ts';
import { decidedOutcomes } from '../../../shared/domain/row-groups.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { backUp } from './back-up.ts';
import { writeBlockedOutcomes } from './blocked-outcomes.ts';
import { failuresSoFar } from './failure-groups.ts';
import type { JournalStand } from './journal-stand.ts';
import { freshPart, partAgain, type PartState } from './part-state.ts';
import { tellKept } from '../plan/keep-changed.ts';
import { leaveNoJobOpen } from './leave-no-job-open.ts';
import { holdToDatabase } from './hold-to-database.ts';
import { unlessCancelled } from './load-run.ts';
import { noteMovedLater } from './moved-later.ts';
import { decidedMapping, IS_DECIDED } from '../plan/decided-rows.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable, OUTCOME, SENT_KINDS, tablesOf } from '../tables/tables.ts';
import { toProgress } from './part-progress.ts';
import { runParts } from './run-parts.ts';
import { tellSecondStep, writeSecondStep } from './second-step.ts';
import { nameRecordsById } from './update-by-id.ts';
import { writePartAgain, writeParts, type WrittenPart } from './write-parts.ts';
import { wayOf, type WholeRun } from './whole-run.ts';
import { planWay } from '../../../shared/domain/confirmation.ts';

/**
 * Runs a load from wherever its journal says it stands to its end: parts, outcomes of every row, no job left open. Throws what it
 * pauses with; called again it goes on.
 */
export async function runLoad(run: WholeRun, stand: JournalStand): Promise<OutcomeCounts> {
  const parts = stand.parts ?? (await prepare(run));
  await holdToDatabase(run, parts);
  run.change({ jobs: parts.map(toProgress) });
  let well = await runParts(run, parts, parts);
  if (well && !stand.again && !run.cancel.aborted) {
    const more = await racedParts(run, parts);
    await run.journal.write({ step: 'AGAIN', parts: more });
    parts.push(...more.map(partAgain));
    run.change({ jobs: parts.map(toProgress) });
    well = await runParts(run, parts, parts.slice(parts.length - more.length));
  }
  if (well && run.stored.plan.secondStep !== null && !stand.second && !run.cancel.aborted) {
    const staging = run.staging.until(run.stop);
    const noteMoved = () => noteMovedLater(run.results, run.stop);
    const more = await writeSecondStep(
      staging,
      run.stored.plan,
      run.folder,
      lastPart(parts),
      stand.reopened,
      noteMoved,
    );
    await run.journal.write({ step: 'SECOND', parts: more });
    const second = more.map((part) => freshPart(part, 'second'));
    parts.push(...second);
    const rows = parts
      .filter(({ of, lockedOf }) => of === 'second' && lockedOf === null)
      .reduce((sum, part) => sum + part.rows, 0);
    run.change({ jobs: parts.map(toProgress), ...(stand.reopened ? { secondStepRows: rows } : {}) });
    await runParts(run, parts, second);
  }
  const counts = await finishOutcomes(run, parts);
  run.change({ counts, failures: await failuresSoFar(run.staging.until(run.stop), run.stored.plan.planId) });
  for (const way of ['bulk', 'bulk-1'] as const) {
    const made = parts.filter((part) => wayOf(run, part) === way);
    await leaveNoJobOpen({ ...run, client: run.clients[way] }, made, run.orphans);
  }
  if (!stand.finished) await run.journal.write({ step: 'FINISHED' });
  return counts;
}

function lastPart(parts: readonly PartState[]): number {
  return Math.max(0, ...parts.map(({ part }) => part));
}

/**
 * Rows of an upsert that were to be created and failed because a record with their key was made while they were: sent once more, they
 * update it (R27). Salesforce's DUPLICATE_VALUE names the field.
 */
async function racedParts(run: WholeRun, parts: readonly PartState[]): Promise<WrittenPart[]> {
  const { planId, mapping } = run.stored.plan;
  if (mapping.operation !== 'upsert' || mapping.matchField === null) return [];
  const { outcome, planned, submission } = tablesOf(planId);
  const again: WrittenPart[] = [];
  // Rows of one part fit one job, so each part has one for its own.
  for (const { part } of parts) {
    const raced = `SELECT o.row_number FROM ${outcome} o JOIN ${planned} p USING (row_number) JOIN ${submission} s USING (row_number)
      WHERE s.part = ${part} AND o.kind = 'failed' AND p.kind = 'insert' AND starts_with(o.error, 'DUPLICATE_VALUE:') AND contains(o.error, ${quoteText(mapping.matchField)})`;
    const staging = run.staging.until(run.stop);
    const next = lastPart(parts) + again.length + 1;
    const another = { part: next, rowsSql: raced, way: planWay(run.stored.plan) };
    const written = await writePartAgain(staging, { planId, mapping }, run.folder, another);
    if (written) again.push(written);
  }
  return again;
}

async function prepare(run: WholeRun): Promise<PartState[]> {
  const { describe, plan } = run.stored;
  const { planId, mapping, jobBytes } = plan;
  const staging = run.staging.until(run.stop);
  if (removes(mapping.operation)) {
    const tools = { fetch: run.results.fetch, staging: run.staging };
    const backup = await unlessCancelled(run, (signal) => backUp(tools, run.stored, run.folder, signal));
    // Cancelled, nothing is deleted.
    if (backup) run.change({ backup });
  }
  if (isUpdateOnly(mapping)) await nameRecordsById(staging, run.stored);
  const isDecided = isUpdateOnly(mapping) ? 'true' : IS_DECIDED;
  const decided =
    isUpdateOnly(mapping) || decidedUpdates(plan) > 0
      ? { mapping: decidedMapping(mapping, describe), which: isDecided }
      : null;
  const parts = await writeParts(staging, planId, mapping, run.folder, jobBytes, {
    step: 'first',
    way: planWay(plan),
    after: 0,
    decided,
    describe,
  });
  await staging.run(createTable(tablesOf(planId).outcome, OUTCOME));
  await run.journal.write({ step: 'PLANNED', parts });
  return parts.map((part) => freshPart(part));
}

/** The outcomes that are known before the load has ended, and why rows failed. */
export async function countSoFar(
  staging: StagingClient,
  stored: StoredPlan,
): Promise<Pick<LoadSnapshot, 'counts' | 'failures'>> {
  const counts = await countOutcomes(staging, stored);
  const failures = await failuresSoFar(staging, stored.plan.planId);
  // A part may be reconciled between the two: by reason and by outcome the failed rows are the same ones.
  const failed = failures.groups.reduce((sum, { rows }) => sum + rows, failures.otherRows);
  const decided = decidedOutcomes(stored.plan.counts);
  const leftOut = decided.leftOut + (await countKept(staging, stored));
  return { counts: { ...counts, ...decided, leftOut, failed }, failures };
}

/** Rows that an undo has kept since it began to write. */
async function countKept(staging: StagingClient, { plan }: StoredPlan): Promise<number> {
  if (!checksAgain(plan.mapping)) return 0;
  const { outcome, planned } = tablesOf(plan.planId);
  const [found] = await staging.query(
    `SELECT count(*) AS n FROM ${outcome} o JOIN ${planned} p USING (row_number) WHERE o.kind = 'leftOut' AND p.kind IN (${SENT_KINDS})`,
  );
  return Number(found?.['n'] ?? 0);
}

async function countOutcomes(staging: StagingClient, { plan }: StoredPlan): Promise<OutcomeCounts> {
  const counts: OutcomeCounts = { ...NO_OUTCOMES };
  const { outcome } = tablesOf(plan.planId);
  for (const row of await staging.query(`SELECT kind, count(*) AS n FROM ${outcome} GROUP BY kind`))
    counts[OutcomeKind.parse(row['kind'])] = Number(row['n']);
  return counts;
}

/** Rows that were never sent get their outcome too, so that every source row has exactly one. */
async function finishOutcomes(run: WholeRun, parts: readonly PartState[]): Promise<OutcomeCounts> {
  const { stored, staging } = run;
  const unsent = parts.filter(({ stand }) => stand.at === 'PLANNED').map(({ part }) => part);
  const { outcome, planned, submission } = tablesOf(stored.plan.planId);
  await staging.until(run.stop).run(
    `DELETE FROM ${outcome} WHERE row_number IN (SELECT row_number FROM ${planned} WHERE kind IN ('unchanged', 'duplicate', 'leftOut', 'blocked'));
     INSERT INTO ${outcome} SELECT row_number, 'unchanged', id, '' FROM ${planned} WHERE kind = 'unchanged';
     INSERT INTO ${outcome} SELECT row_number, 'repeated', '',
       CASE decision WHEN 'identical' THEN 'Longshore: identical to row ' || of_row || ', which stands for it' WHEN 'merged' THEN 'Longshore: merged into row ' || of_row || ', which stands for it' ELSE 'Longshore: row ' || of_row || ' with the same match value was chosen' END
       FROM ${planned} WHERE kind = 'duplicate';
     INSERT INTO ${outcome} SELECT s.row_number, 'unprocessed', '', '' FROM ${submission} s
       ANTI JOIN ${outcome} o ON o.row_number = s.row_number WHERE s.part IN (${unsent.join(', ') || '0'})`,
  );
  await writeBlockedOutcomes(staging, stored);
  await tellKept(staging.until(run.stop), stored);
  await tellSecondStep(staging.until(run.stop), stored, run.cancel.aborted);
  const counts = await countOutcomes(staging, stored);
  // The invariant of every load. It breaks only by a fault of ours or a damaged database, and then nobody may believe the report.
  if (totalOf(counts) !== stored.plan.rows)
    throw new FailureError({ code: 'DATA_DAMAGED', what: 'The record of this load’s rows' });
  return counts;
}
