import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { planSending } from '../../../shared/domain/confirmation.ts';
import { LoadId } from '../../../shared/domain/ids.ts';
import { NO_FAILURES, NO_OUTCOMES, type LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { decidedOutcomes } from '../../../shared/domain/row-groups.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import type { FileLock } from '../documents/file-lock.ts';
import { savePlan } from '../plan/plan-document.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { BackendPorts } from '../ports.ts';
import { Journal } from './journal.ts';
import { LoadFile } from './load-document.ts';
import { takeLock } from './load-lock.ts';

/** A load that has just begun: nothing of it was sent. */
export function firstSnapshot(
  { clock, random }: Pick<BackendPorts, 'clock' | 'random'>,
  { plan, describe, fileName, approval }: StoredPlan,
  { rowsToSend, orgName }: { readonly rowsToSend: number; readonly orgName: string },
): LoadSnapshot {
  const { matchField } = plan.mapping;
  const matchLabel = matchField === null ? undefined : fieldNamed(describe, matchField)?.label;
  return {
    loadId: LoadId.parse(`load_${random.token(16)}`),
    planId: plan.planId,
    orgId: plan.orgId,
    orgName,
    objectName: plan.mapping.objectName,
    objectLabel: describe.label,
    operation: plan.mapping.operation,
    matchField,
    ...(matchLabel === undefined ? {} : { matchLabel }),
    fileName,
    sourceDigest: plan.sourceDigest,
    rows: plan.rows,
    rowsToSend,
    sending: planSending(plan),
    secondStepRows: plan.secondStep?.rows ?? 0,
    state: { kind: 'running' },
    jobs: [],
    startedAt: clock.now(),
    finishedAt: null,
    elapsed: 0,
    apiCalls: 0,
    counts: { ...NO_OUTCOMES, ...decidedOutcomes(plan.counts) },
    failures: NO_FAILURES,
    notices: [],
    pace: [],
    ...(approval?.planDigest === plan.planDigest ? { approval } : {}),
    ...(plan.mapping.undoOf ? { undoOf: plan.mapping.undoOf } : {}),
  };
}

/**
 * Writes a load down: its plan, its journal, its record. The lock is its process's. Throws `LOAD_OPEN_ELSEWHERE`, `DISK_FULL`, and
 * `DISK_REFUSED`; the plan is then as it was.
 */
export async function beginOnDisk(folder: string, stored: StoredPlan, snapshot: LoadSnapshot): Promise<FileLock> {
  const { planId, planDigest, orgId } = stored.plan;
  const { loadId } = snapshot;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await takeLock(folder);
  try {
    await savePlan(folder, stored);
    // The journal before the record: a record whose journal is missing is one that lost it.
    await Journal.begin(folder, { step: 'BEGUN', loadId, planId, planDigest, orgId });
    await new LoadFile(folder).save(snapshot);
    return lock;
  } catch (error) {
    // Nothing was sent: the plan can be loaded once the disk takes it. What can't be taken away now is in the way then, and says so.
    const begun = ['load.json', 'journal.jsonl'].map((name) => rm(join(folder, name), { force: true }));
    await Promise.allSettled([...begun, lock.release()]);
    throw error;
  }
}
