import type { FieldMapping } from '../../../../shared/domain/field-mapping.ts';
import { USUAL_GUARDS, type JobGuards } from '../../../../shared/domain/job-guards.ts';
import type { OutcomeCounts } from '../../../../shared/domain/load-results.ts';
import type { Run, RunHold } from '../../../../shared/domain/run.ts';

/** Whether a run has failed: it broke off before anything was sent, or more of what it sent failed than its job lets pass. Pure. */
export function hasFailed({ state, counts }: Pick<Run, 'state' | 'counts'>, { failedPercent }: JobGuards): boolean {
  if (state.kind === 'failed') return true;
  if (state.kind !== 'ended' || state.how !== 'loaded' || counts === null || counts.failed === 0) return false;
  const share = (counts.failed * 100) / (counts.failed + saved(counts));
  return failedPercent === null ? share === 100 : share > failedPercent;
}

function saved({ created, updated, deleted, undeleted, incomplete }: OutcomeCounts): number {
  return created + updated + deleted + undeleted + incomplete;
}

/** Whether a run tells how its job fares. One that is held, rejected, or interrupted has done nothing; one that can't be told tells nothing. */
function tells({ dry, state }: Run): boolean {
  return !dry && (state.kind === 'failed' || (state.kind === 'ended' && state.how !== 'unknown'));
}

/** What a run is held for where those before it failed, one after another; a run that went well, approved or not, ends the row. Pure. */
export function failedInARow(guards: JobGuards, before: readonly Run[]): RunHold[] {
  const telling = before.filter(tells).sort((one, other) => other.startedAt - one.startedAt);
  const well = telling.findIndex((run) => !hasFailed(run, guards));
  const runs = well === -1 ? telling.length : well;
  return guards.failedRuns !== null && runs >= guards.failedRuns ? [{ code: 'FAILED_RUNS', runs }] : [];
}

/** The mapping of a job's load, which stops at the share of failures that its guard lets pass, unless it was saved with another limit. Pure. */
export function stoppingAtFailures(mapping: FieldMapping, guards: Partial<JobGuards> | undefined): FieldMapping {
  const { failedPercent: percent } = { ...USUAL_GUARDS, ...guards };
  if (percent === null || mapping.policies?.stopAfter) return mapping;
  return { ...mapping, policies: { ...mapping.policies, stopAfter: { percent } } };
}
