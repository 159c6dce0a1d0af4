import { changesOf, planWay } from '../../../shared/domain/confirmation.ts';
import {
  bulkHeader,
  checksAgain,
  isConditional,
  mappedColumns,
  matchColumn,
} from '../../../shared/domain/field-mapping.ts';
import { FORECAST_LIMITS, storageOf, type LoadForecast } from '../../../shared/domain/load-forecast.ts';
import { decidedUpdates, type LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { COLLECTION_ROWS } from '../../../shared/domain/rehearsal.ts';
import type { OrgLimits } from '../orgs/org-facts.ts';
import { COLLECTION_IDS, FEW_KEYS } from '../plan/fetch/choose-way.ts';
import { looksWithin } from './await-end.ts';

/**
 * Calls that a job takes at least: create, upload, close, one look at its state, and its three result files (Bulk API 2.0 Developer
 * Guide).
 */
export const CALLS_A_JOB = 7;
/** Those of any load: the limits, the describe, and who asks. */
const CALLS_A_LOAD = 3;
/** A query job takes its creation, a look, a page of results and its removal. */
export const CALLS_A_QUERY_JOB = 4;

/** Earlier loads whose pace tells of the next; small ones are all waiting. */
const LOADS_OF_PACE = 5;
const ROWS_OF_PACE = 100;

/** Calls that a load of a plan takes at least, with the look at what moved since. */
export function leastCalls(plan: LoadPlan): number {
  const { jobs, mapping, counts, decided, secondStep } = plan;
  const updates = decidedUpdates(plan);
  const watched = counts.insert + counts.update + counts.delete + counts.unchanged;
  const look = (rows: number) => (rows === 0 ? 0 : rows <= FEW_KEYS ? 1 : CALLS_A_QUERY_JOB);
  const again = (matchColumn(mapping) ? look(watched) : 0) + look(updates + decided.unchanged);
  const sending =
    planWay(plan) !== 'collections'
      ? jobs * CALLS_A_JOB
      : isConditional(mapping, changesOf(counts))
        ? changesOf(counts)
        : leastCollections(jobs, [Math.max(0, changesOf(counts) - updates), updates, secondStep?.rows ?? 0]);
  // An undo looks at the records of each job, or of each collection, once more.
  const looks = checksAgain(mapping) ? looksOf(plan, sending) : 0;
  return CALLS_A_LOAD + again + leastBackup(counts.delete) + sending + looks;
}

function looksOf(plan: LoadPlan, requests: number): number {
  if (planWay(plan) !== 'collections') return plan.jobs;
  return isConditional(plan.mapping, changesOf(plan.counts)) ? 0 : requests;
}

/** Calls that it takes at least to keep records before they are deleted. */
function leastBackup(records: number): number {
  return Math.min(Math.ceil(records / COLLECTION_IDS), CALLS_A_QUERY_JOB);
}

/** Requests that so many rows take as collections. */
export function collectionsOf(rows: number): number {
  return Math.ceil(rows / COLLECTION_ROWS);
}

/** Each step has collections of its own; rows of another level of parents begin another. */
function leastCollections(parts: number, steps: readonly number[]): number {
  return Math.max(
    parts,
    steps.reduce((sum, rows) => sum + collectionsOf(rows), 0),
  );
}

/** What a plan's load would use up; `earlier` are loads into its org, newest first. */
export function forecastLoad(plan: LoadPlan, earlier: readonly LoadSnapshot[], limits: OrgLimits | null): LoadForecast {
  const changes = changesOf(plan.counts);
  const seconds = secondsOf(changes + (plan.secondStep?.rows ?? 0), earlier);
  const least = changes === 0 ? 0 : leastCalls(plan);
  const isBulk = planWay(plan) !== 'collections';
  const looks = (time: number) => (isBulk ? plan.jobs * (looksWithin((time * 1000) / Math.max(1, plan.jobs)) - 1) : 0);
  const left = (name: keyof typeof FORECAST_LIMITS) => limits?.[FORECAST_LIMITS[name]] ?? null;
  return {
    apiCalls: { least, most: seconds && least + looks(seconds.most) },
    batches: isBulk ? plan.batches : { least: 0, most: 0 },
    storageMB: storageNeeded(plan),
    changeEvents: changes,
    seconds,
    left: { apiCalls: left('apiCalls'), batches: left('batches'), storageMB: left('storageMB') },
  };
}

/** MB of data storage that the records take which the plan would create. */
export function storageNeeded({ mapping, counts }: LoadPlan): number {
  // Only a person account has a last name.
  const personAccounts =
    mapping.objectName === 'Account' && mappedColumns(mapping).some(({ target }) => bulkHeader(target) === 'LastName');
  return storageOf(mapping.objectName, counts.insert, personAccounts);
}

/** As long as so many rows take at the fastest and at the slowest pace of the last loads. */
function secondsOf(rows: number, earlier: readonly LoadSnapshot[]): LoadForecast['seconds'] {
  const paces = earlier
    .filter(({ state }) => state.kind === 'finished' && !state.cancelled)
    .map(({ counts, elapsed }) => ({
      sent: counts.created + counts.updated + counts.deleted + counts.undeleted + counts.failed + counts.incomplete,
      elapsed,
    }))
    .filter(({ sent, elapsed }) => sent >= ROWS_OF_PACE && elapsed > 0)
    .slice(0, LOADS_OF_PACE)
    .map(({ sent, elapsed }) => elapsed / 1000 / sent);
  if (rows === 0 || paces.length === 0) return null;
  return { least: rows * Math.min(...paces), most: rows * Math.max(...paces) };
}
