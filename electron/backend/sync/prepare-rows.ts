import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { organizationOf, type Digest, type SourceId } from '../../../shared/domain/ids.ts';
import type { JobDefinition } from '../../../shared/domain/job.ts';
import type { RunHold, RunState } from '../../../shared/domain/run.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import type { RunSync, SyncFormat, SyncPart } from '../../../shared/domain/sync.ts';
import { mappedParents } from '../mapping/parent-describes.ts';
import { checkMapping } from '../validation/check-mapping.ts';
import { commitRows, type Committing } from './commit.ts';
import { readLeft } from './read-left.ts';
import { readRight } from './read-right.ts';
import { addOne, reconcile, type Reconciled } from './reconcile.ts';
import { basisOf, refuseUnsyncable, syncMapping, type SyncMapping } from './sync-basis.ts';
import {
  dropWork,
  hasCommitted,
  makeWork,
  nextPhase,
  sweepWork,
  usingState,
  type SyncRun,
  type SyncTools,
} from './sync-runs.ts';
import { openState, syncFolder, type Expected, type SyncHead } from './sync-state.ts';
import { writeDelta } from './write-delta.ts';

/** A job's rows, cleaned, and the mapping that fits them. */
export interface SyncedRows {
  readonly sourceId: SourceId;
  readonly mapping: FieldMapping;
  readonly holds: RunHold[];
  /** Of the file as it was read; null of one that was given. */
  readonly fileDigest: Digest | null;
}

/**
 * READ LEFT → READ RIGHT → RECONCILE: narrows a run to the rows that may have to be written. How the run stands where it comes no further: held,
 * for the state can't be gone on from, or ended, for there is nothing to do; that is committed then. Writes nothing to the org.
 */
export async function prepareRows(
  tools: SyncTools,
  job: JobDefinition,
  fitted: SyncedRows,
  syncRun: SyncRun,
  signal: AbortSignal,
): Promise<SyncedRows | RunState> {
  const { jobId } = syncRun.run();
  const { workId, expected } = await beginRun(tools, job, syncRun, 'rows', signal);
  const narrowed = await usingState(tools, jobId, workId, async (): Promise<SyncedRows | RunState> => {
    const opened = await openState(tools.staging, tools.ports, expected, signal);
    if ('problem' in opened)
      return { kind: 'held', holds: [...fitted.holds, { code: 'SYNC_STATE', problem: opened.problem }] };
    const reading = { job, workId, head: opened.head };
    return narrow(tools, reading, withFormats(fitted, opened.head), syncRun, signal);
  });
  if ('kind' in narrowed) await dropWork(tools.ports, jobId, workId);
  return narrowed;
}

interface Reading {
  readonly job: JobDefinition;
  readonly workId: string;
  readonly head: SyncHead | null;
}

/** Makes room for a run to work in, and writes down that it begins. What the state is held to is in `expected`. */
export async function beginRun(
  tools: SyncTools,
  job: JobDefinition,
  syncRun: SyncRun,
  part: SyncPart,
  signal: AbortSignal,
): Promise<{ readonly workId: string; readonly expected: Expected }> {
  const { jobId, orgId } = syncRun.run();
  refuseUnsyncable(job);
  await sweepWork(tools.ports, jobId, syncRun.before.runs);
  const workId = `sync_${tools.ports.random.token(16)}`;
  await makeWork(tools, jobId, workId, signal);
  const basis = basisOf(job);
  await syncRun.save({ sync: firstPhase(part, workId, basis) });
  const committed = hasCommitted(syncRun.before.runs);
  return { workId, expected: { jobId, organization: organizationOf(orgId), basis, committed } };
}

function firstPhase(part: SyncPart, workId: string, basis: RunSync['basis']): RunSync {
  const nothing = { left: null, right: null, keys: 0, retried: 0, kept: 0, formats: [], done: null };
  return { part, phase: 'read-left', whole: false, workId, basis, ...nothing };
}

/** Columns are read as the whole file was, where the job doesn't say how: by a few rows that can't be told. */
function withFormats(fitted: SyncedRows, head: SyncHead | null): SyncedRows {
  const known = new Map(head?.formats.map((one): [number, SyncFormat] => [one.column, one]));
  const columns = fitted.mapping.columns.map((entry) => {
    const { column: _column, ...format } = known.get(entry.column) ?? { column: entry.column };
    return { ...entry, format: { ...format, ...entry.format } };
  });
  return { ...fitted, mapping: { ...fitted.mapping, columns } };
}

async function narrow(
  tools: SyncTools,
  reading: Reading,
  fitted: SyncedRows,
  syncRun: SyncRun,
  signal: AbortSignal,
): Promise<SyncedRows | RunState> {
  const { staging, staged, ports, orgs } = tools;
  const { job, workId, head } = reading;
  const { jobId, orgId, dry } = syncRun.run();
  const sql = staging.until(signal);
  const source = await staged.facts(fitted.sourceId);
  const sync = await mappingOf(tools, syncRun, fitted.mapping, source.columns, signal);
  // Its own check tells of a mapping that can't be loaded by.
  if (sync === null) return fitted;
  const left = await readLeft(sql, workId, source, sync);
  await nextPhase(syncRun, { phase: 'read-right', formats: head?.formats ?? [] });
  const client = await orgs.client(orgId);
  const now = client.now();
  const folder = syncFolder(ports, jobId);
  const fetch = { client, staging, clock: ports.clock };
  const right = head && (await readRight(fetch, workId, sync, { watermark: head.watermark, folder }, signal));
  const whole = right === null || right.to === null;
  await nextPhase(syncRun, { phase: 'reconcile', whole });
  const knowsDeleted = fieldNamed(sync.describe, 'IsDeleted') !== undefined;
  const rules = job.sync ?? { orgChanges: 'set-back' as const, gone: { then: 'leave' as const } };
  const alias = head === null ? null : jobId.replace(/^job_/, 'sync_');
  const unusable = left.unusable;
  const found = await reconcile(sql, { workId, alias, sync, rules, whole, now, unusable, knowsDeleted });
  const isOdd = fitted.holds.length > 0 || syncRun.isShrunk(left.rows);
  if (found.keys === 0 && isOdd && left.keys > 0) await addOne(sql, workId);
  const keys = found.keys === 0 && isOdd ? Math.min(1, left.keys) : found.keys;
  const counted = {
    left: { digest: fitted.fileDigest, ...left, ...leftOf(found) },
    right: { ...found.right, to: right?.to ?? Math.floor(now) },
    keys,
    retried: found.retried,
  };
  await nextPhase(syncRun, { phase: 'guard', ...counted });
  if (keys === 0) return nothingToDo(tools, { sync, gone: rules.gone }, syncRun, dry, signal);
  if (keys === left.keys) return fitted;
  const isOwned = syncRun.run().source?.owned === true;
  const delta = await writeDelta(tools, workId, source, folder, signal);
  syncRun.owns(delta.sourceId);
  const read = await delta.read();
  const digest = read.state.kind === 'staged' ? read.state.digest : null;
  const { fileName } = source;
  await syncRun.save({ source: { sourceId: delta.sourceId, fileName, digest, rows: left.rows, owned: true } });
  if (isOwned) await tools.sources.forget(fitted.sourceId);
  return { ...fitted, sourceId: delta.sourceId };
}

function leftOf({ added, changed, same, gone }: Reconciled): Pick<Reconciled, 'added' | 'changed' | 'same' | 'gone'> {
  return { added, changed, same, gone };
}

/** Null for a mapping that its check refuses. */
export async function mappingOf(
  { orgs }: SyncTools,
  { run }: SyncRun,
  given: FieldMapping,
  columns: Parameters<typeof checkMapping>[3],
  signal: AbortSignal,
): Promise<SyncMapping | null> {
  const { orgId } = run();
  const describe = await orgs.describe(orgId, given.objectName, false, signal);
  const parents = await mappedParents(orgs, orgId, describe, given, signal);
  const { mapping, issues } = checkMapping(given, describe, parents, columns);
  if (issues.some(({ level }) => level === 'block')) return null;
  return syncMapping(mapping, describe, parents);
}

async function nothingToDo(
  tools: SyncTools,
  committing: Pick<Committing, 'sync' | 'gone'>,
  syncRun: SyncRun,
  dry: boolean,
  signal: AbortSignal,
): Promise<RunState> {
  if (dry) return { kind: 'ended', how: 'shown' };
  await nextPhase(syncRun, { phase: 'commit' });
  const committed = await commitRows(tools, syncRun.run(), { planId: null, loaded: false, ...committing }, signal);
  await syncRun.save({ sync: committed });
  return { kind: 'ended', how: 'nothing-to-load' };
}
