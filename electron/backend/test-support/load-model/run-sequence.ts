import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadPlan } from '../../../../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../../../../shared/domain/load-results.ts';
import type { SourceId } from '../../../../shared/domain/ids.ts';
import { allowancesOf } from './allowances.ts';
import { checkOrg, checkNothingDoubled } from './check-org.ts';
import { checkOutcomes } from './check-outcomes.ts';
import { checkPlan } from './check-plan.ts';
import type { Lane } from './lane.ts';
import { LoadUnderTest } from './load-under-test.ts';
import { ModelFailure, must } from './model-failure.ts';
import type { OrgRecord } from './observed-org.ts';
import { keyOf, makeFile, seedMarker, type ModelFile } from './rows.ts';
import type { Sequence } from './sequence.ts';
import { TABLES, type Table } from './tables.ts';
import { changesOf } from '../../../../shared/domain/confirmation.ts';

/** How the org behaves unless a sequence says otherwise. */
const USUAL = {
  rowsPerSecond: 0,
  queueDelay: 0,
  shuffleResults: true,
  failJobAfterRows: 0,
  lockRowEvery: 0,
  commitLatency: 0,
  clockOffset: 0,
};
/** Jobs of a few rows have ended long before this, ms. */
const JOBS_END_WITHIN = 10_000;
/** How often the org is asked for them meanwhile, ms: it has rows to work on. */
const LOOK_AGAIN = 10;

/** Runs one sequence from an empty plan to the org's last word, and throws `ModelFailure` for the first promise broken. */
export async function runSequence(lane: Lane, sequence: Sequence): Promise<void> {
  const run = await lane.next();
  const table: Table = TABLES[sequence.table];
  const { org } = lane;
  const original = await org.snapshot(table.objectName, ['Id']);
  const ids = await org.create(
    table.objectName,
    Array.from({ length: sequence.existing }, (_, at) => ({
      ...table.seed,
      [table.keyField]: keyOf(run, at),
      ...(table.markerField === null ? {} : { [table.markerField]: seedMarker(run, at) }),
      ...(table.seedParent === null ? {} : { [table.seedParent]: lane.parentId }),
    })),
  );
  if (sequence.operation === 'undelete') await org.remove(ids);
  const file = makeFile(sequence, table, run, ids);
  const before = await org.snapshot(table.objectName, file.paths);
  await org.knobs({ ...USUAL, ...sequence.knobs });
  await loadAndCheck(lane, sequence, table, run, file, before);
  await org.faults([]);
  // While the org's clock is still the one that they were closed by.
  await org.purgeJobs();
  await org.knobs(USUAL);
  const left = await org.snapshot(table.objectName, ['Id']);
  await org.remove([...left.keys()].filter((id) => !original.has(id)));
  if (sequence.faults.some(({ action }) => ['expire-session', 'revoke-everything'].includes(action.kind)))
    await lane.signIn();
}

async function loadAndCheck(
  lane: Lane,
  sequence: Sequence,
  table: Table,
  run: string,
  file: ModelFile,
  before: ReadonlyMap<string, OrgRecord>,
): Promise<void> {
  const { org } = lane;
  const path = lane.file(`${run}.csv`);
  await writeFile(path, file.text);
  const { sourceId, state } = await lane.app.stage(path);
  must(state.kind === 'staged' && state.rows === file.rows.length, 'every record of the file is one row', {
    state,
    rows: file.rows.length,
  });
  const { jobMegabytes, jobsAtOnce } = sequence;
  await lane.app.must('settings.change', { jobMegabytes, jobsAtOnce });
  if (sequence.faultsFrom === 'plan') await org.faults(sequence.faults);
  const plan = await buildPlan(lane, sourceId, file);
  const planned = await checkPlan(lane.app, sequence, plan, file);
  if (changesOf(plan.counts) === 0) return;
  if (sequence.faultsFrom === 'load') await org.faults(sequence.faults);

  const load = new LoadUnderTest(lane, sequence, plan);
  const end = await load.run();
  await org.faults([]);
  const allowed = allowancesOf(sequence, end.kind === 'finished' && end.cancelled);
  if (end.kind !== 'finished') {
    lane.hasUnsureLoads = true;
    const after = await settledOrg(lane, table, file, 'any');
    if (end.kind === 'never started')
      must(same(before, after), 'a load that never started wrote nothing', { made: after.size - before.size });
    else checkNothingDoubled(sequence, file, before, after, allowed);
    return;
  }
  if (end.damaged) lane.hasUnsureLoads = true;
  const told = end.load.notices.flatMap((notice) => (notice.code === 'JOBS_LEFT_OPEN' ? notice.jobIds : []));
  must(told.length === 0 || lane.hasUnsureLoads, 'jobs are left open only where another load’s may be among them', {
    told,
  });
  // A job that the org denies for ever is believed to be gone: whether it is open can't be asked.
  const gone = end.load.notices.flatMap((notice) => (notice.code === 'JOB_GONE' ? [notice.jobId] : []));
  // A journal that lost its last lines may have lost the one that says a job was about to be made.
  const forgotten = sequence.disturbances.some((one) => one.kind === 'kill' && one.damage === 'journal-cut');
  const after = await settledOrg(lane, table, file, forgotten ? 'open' : [...told, ...gone]);
  if (end.damaged && !(await isReadable(lane, end.load)))
    return checkNothingDoubled(sequence, file, before, after, allowed);
  try {
    const outcomes = await checkOutcomes(lane.app, sequence, end.load, file, planned, allowed);
    checkOrg(sequence, file, outcomes, before, after, allowed);
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error;
    const story = (await load.story()) as object;
    throw new ModelFailure(error.promise, { facts: error.facts, load: end.load, ...story });
  }
}

/** A database that was damaged after its load had ended is said to be. */
async function isReadable(lane: Lane, { loadId }: LoadSnapshot): Promise<boolean> {
  const page = await lane.app.call('report.page', { loadId, kinds: ['created'], offset: 0, limit: 1 });
  if (!page.ok) must(page.failure.code === 'DATA_DAMAGED', 'a damaged database is said to be', page);
  return page.ok;
}

function same(one: ReadonlyMap<string, OrgRecord>, other: ReadonlyMap<string, OrgRecord>): boolean {
  return JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());
}

/** The plan, made while faults last or, where they hinder it, after them. */
async function buildPlan(lane: Lane, sourceId: SourceId, file: ModelFile): Promise<LoadPlan> {
  const input = { orgId: lane.orgId, sourceId, mapping: file.mapping };
  const first = await lane.app.call('plan.build', input);
  if (first.ok) return first.value;
  await lane.org.faults([]);
  if (first.failure.code === 'ORG_SESSION_EXPIRED') await lane.signIn();
  let again = await lane.app.call('plan.build', input);
  if (!again.ok && again.failure.code === 'ORG_SESSION_EXPIRED') {
    await lane.signIn();
    again = await lane.app.call('plan.build', input);
  }
  if (!again.ok)
    throw new ModelFailure('a plan is made once the faults are gone', { first: first.failure, again: again.failure });
  return again.value;
}

/**
 * What is in the org when its jobs have ended. Left may be the open jobs that are named, any `open` one, or `any` that is not
 * at its end.
 */
async function settledOrg(
  lane: Lane,
  table: Table,
  file: ModelFile,
  left: readonly string[] | 'open' | 'any',
): Promise<Map<string, OrgRecord>> {
  // A job is shown as it is, not as it was.
  await lane.org.knobs({ commitLatency: 0 });
  const until = performance.now() + JOBS_END_WITHIN;
  for (;;) {
    const jobs = await lane.org.jobs();
    const working = jobs.filter(({ state }) => state === 'UploadComplete' || state === 'InProgress');
    if (working.length === 0 || performance.now() > until) {
      const open = jobs.filter(({ id, state }) => state === 'Open' && left !== 'open' && !left.includes(id));
      if (left !== 'any')
        must(open.length === 0 && working.length === 0, 'no job of ours is left open', { open, working });
      return lane.org.snapshot(table.objectName, file.paths);
    }
    await sleep(LOOK_AGAIN);
  }
}
