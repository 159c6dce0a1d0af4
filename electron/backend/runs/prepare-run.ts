import { FailureError } from '../../../shared/contract/failure.ts';
import type { Input, Output } from '../../../shared/contract/procedures.ts';
import type { JobDefinition } from '../../../shared/domain/job.ts';
import { USUAL_GUARDS } from '../../../shared/domain/job-guards.ts';
import { fromJobMapping } from '../../../shared/domain/job-mapping.ts';
import { changesOf } from '../../../shared/domain/confirmation.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { Digest, SourceId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { canBePlanned, type Run, type RunHold, type RunState } from '../../../shared/domain/run.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import type { Handlers } from '../dispatch.ts';
import { findFiles } from '../jobs/find-files.ts';
import { fitJob } from '../jobs/fit-job.ts';
import type { Described } from '../mapping/fit-mapping.ts';
import { mappedParents } from '../mapping/parent-describes.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import { checkAndPlan, type CheckedPlanProcedures } from '../prepare/check-and-plan.ts';
import { askOrg, type AskTools } from './ask-org.ts';
import { stoppingAtFailures } from './guards/failed-runs.ts';
import { holdsOfPlan } from './guards/hold-plan.ts';
import { shrunk } from './guards/usual-runs.ts';
import type { SyncEngine } from '../sync/sync-engine.ts';
import { loadedBefore } from './settle-runs.ts';

export interface PrepareTools extends Pick<AskTools, 'preferences'> {
  readonly orgs: AskTools['orgs'] & Pick<OrgDirectory, 'describe'>;
  readonly sources: Pick<SourceRegistry, 'handOver' | 'open' | 'whenRead'>;
  readonly procedures: CheckedPlanProcedures & Pick<Handlers, 'source.clean'>;
  readonly sync: Pick<SyncEngine, 'prepare' | 'keep' | 'commitPlan'>;
}

/** A run that is being prepared, and where what it comes to is written down. */
export interface Preparing {
  readonly run: () => Run;
  /** Resolves once it is on disk. */
  readonly save: (change: Partial<Run>) => Promise<void>;
  /** A source that was made for this run, and goes with it. */
  readonly owns: (sourceId: SourceId) => void;
  readonly before: Before;
}

/** The runs of the job, and all loads, as they stand before a run. */
export interface Before {
  readonly runs: readonly Run[];
  readonly loads: readonly LoadSnapshot[];
}

export interface AskedOfRun extends Omit<Input<'run.prepare'>, 'jobId' | 'dry' | 'orgId'> {
  /** What it is held for whatever else is found. */
  readonly holds?: readonly RunHold[];
}

type Prepared = Omit<Output<'run.prepare'>, 'run'>;
const NOTHING: Prepared = { checks: null, plan: null, resembled: null };

/** A job's rows, cleaned, and the mapping that fits them; `holds` has what is found on the way. */
interface Fitted {
  readonly sourceId: SourceId;
  readonly mapping: FieldMapping;
  readonly holds: RunHold[];
  /** Of the file as it was read; null of one that was given for this run alone. */
  readonly fileDigest: Digest | null;
}

/** Reads a job's file, fits the job to it, checks its rows and plans their load: each step is written down. Nothing is sent. */
export async function prepareRun(
  tools: PrepareTools,
  job: JobDefinition,
  asked: AskedOfRun,
  preparing: Preparing,
  signal: AbortSignal,
): Promise<Prepared> {
  const limits = { ...USUAL_GUARDS, ...job.guards };
  const isShrunk = (rows: number) => shrunk(rows, limits, preparing.before.runs).length > 0;
  const whole = await fitRun(tools, job, asked, preparing, signal);
  const fitted =
    'kind' in whole || !job.sync
      ? whole
      : await tools.sync.prepare(job, whole, { ...preparing, isShrunk }, asked.part ?? 'rows', signal);
  if ('kind' in fitted) {
    await preparing.save({ state: fitted });
    return NOTHING;
  }
  return planRun(tools, job, asked, { ...preparing, fitted }, signal);
}

/** How the run stands where it comes no further. */
async function fitRun(
  tools: PrepareTools,
  job: JobDefinition,
  asked: AskedOfRun,
  preparing: Preparing,
  signal: AbortSignal,
): Promise<Fitted | RunState> {
  const { run, save, before } = preparing;
  const read = await readSource(tools, job, asked, preparing, signal);
  if ('empty' in read) return { kind: 'held', holds: [{ code: 'SOURCE_EMPTY', fileName: read.empty }] };
  const owned = asked.sourceId === undefined;
  await save({ state: { kind: 'preparing', step: 'fitting' }, source: { ...sourceOf(read), owned } });
  const described = await describedFor(tools, job, run(), signal);
  const own = read.columns.slice(0, read.fileColumns).map(({ name }) => name);
  const { mapping, cleaning, holds: unfit, newColumns } = fitJob(job, own, described);
  await save({ newColumns: [...newColumns] });
  const holds = [...(asked.holds ?? []), ...unfit];
  if (!canBePlanned(holds)) return { kind: 'held', holds };
  const { sourceId } = read;
  const isClean = JSON.stringify(read.cleaning) === JSON.stringify(cleaning);
  const source = isClean ? read : await tools.procedures['source.clean']({ sourceId, steps: [...cleaning] }, signal);
  const { digest, ...facts } = sourceOf(source);
  await save({ source: { ...facts, digest, owned } });
  const fileDigest = owned ? sourceOf(read).digest : null;
  if (isSameAs(fileDigest, digest, asked, before)) return { kind: 'ended', how: 'same-rows' };
  const loaded = digest === null || asked.again === true ? null : loadedBefore(run(), digest, before);
  if (loaded) holds.push({ code: 'LOADED_BEFORE', ...loaded });
  return { sourceId, mapping, holds, fileDigest };
}

async function planRun(
  tools: PrepareTools,
  job: JobDefinition,
  { acceptChangedFile, acceptApiUse }: AskedOfRun,
  { run, save, before, fitted }: Preparing & { readonly fitted: Fitted },
  signal: AbortSignal,
): Promise<Prepared> {
  const { sourceId, holds } = fitted;
  const mapping = stoppingAtFailures(fitted.mapping, job.guards);
  const { orgId, dry } = run();
  const { apiBudgetPercent } = job;
  const resembling = job.resembling && { ...job.resembling, acceptApiUse, apiBudgetPercent };
  await save({ state: { kind: 'preparing', step: 'checking' } });
  const prepared = await checkAndPlan(
    tools.procedures,
    { orgId, sourceId, mapping, acceptChangedFile, resembling },
    async ({ mappingIssues }) => {
      for (const issue of mappingIssues) if (issue.level === 'block') holds.push({ code: 'MAPPING_ISSUE', issue });
      if (canBePlanned(holds)) await save({ state: { kind: 'preparing', step: 'planning' } });
    },
    signal,
  );
  const { resembled } = prepared;
  if (prepared.plan === null) {
    await save({ state: { kind: 'held', holds } });
    return prepared;
  }
  const { plan, sync } = await tools.sync.keep(job.sync, run(), { ...prepared, plan: prepared.plan }, signal);
  const org = askOrg(tools, orgId, job, { acceptApiUse });
  // A sync plans a part of the file's rows.
  const rows = sync === null ? plan.rows : (run().source?.rows ?? plan.rows);
  holds.push(...(await holdsOfPlan(job, { plan: { ...plan, rows }, resembled }, before.runs, org, signal)));
  const { planId, planDigest, counts } = plan;
  // Held for whoever is to say yes or no, whatever it would come to.
  const state: RunState =
    holds.length > 0 ? { kind: 'held', holds } : dry ? { kind: 'ended', how: 'shown' } : plannedState(plan);
  const looked = resembled?.kind === 'looked' ? { pairs: resembled.pairs, asked: resembled.asked } : null;
  const planned = { plan: { planId, planDigest, counts }, resembled: looked, sync };
  const isDone = state.kind === 'ended' && state.how === 'nothing-to-load';
  if (isDone && sync) await save({ ...planned, sync: { ...sync, phase: 'commit' } });
  const committed = isDone ? await tools.sync.commitPlan(job.sync, { ...run(), ...planned }, signal) : sync;
  await save({ ...planned, sync: committed, state });
  return { ...prepared, plan };
}

/** How a run stands that may be loaded. */
export function plannedState({ counts }: Pick<LoadPlan, 'counts'>): RunState {
  return changesOf(counts) === 0 ? { kind: 'ended', how: 'nothing-to-load' } : { kind: 'planned' };
}

function sourceOf({ sourceId, fileName, state }: SourceSummary): Omit<NonNullable<Run['source']>, 'owned'> {
  const isRead = state.kind === 'staged';
  return { sourceId, fileName, digest: isRead ? state.digest : null, rows: isRead ? state.rows : 0 };
}

async function readSource(
  { sources }: PrepareTools,
  job: JobDefinition,
  asked: AskedOfRun,
  { owns }: Preparing,
  signal: AbortSignal,
): Promise<SourceSummary | { readonly empty: string }> {
  const sourceId = asked.sourceId ?? (await sources.handOver(await findFiles(job.source)));
  if (asked.sourceId === undefined) owns(sourceId);
  try {
    await sources.open(sourceId, job.read ?? {}, signal);
    return await sources.whenRead(sourceId, signal);
  } catch (error) {
    const failure = error instanceof FailureError ? error.failure : null;
    if (failure?.code === 'FILE_EMPTY' || failure?.code === 'FILE_HEADER_ONLY') return { empty: failure.fileName };
    throw error;
  }
}

/** The org as it is now, not as it was when another run asked. */
async function describedFor(
  { orgs }: PrepareTools,
  job: JobDefinition,
  { orgId }: Run,
  signal: AbortSignal,
): Promise<Described> {
  const describe = await orgs.describe(orgId, job.object, true, signal);
  return { describe, parents: await mappedParents(orgs, orgId, describe, fromJobMapping(job).file.mapping, signal) };
}

/** Whether the rows are those that the run just continued has loaded. */
function isSameAs(fileDigest: Digest | null, digest: Digest | null, { after }: AskedOfRun, { runs }: Before): boolean {
  const continued = runs.find(({ runId }) => runId === after);
  // The source of a sync's run may be a part of its file.
  if (continued?.sync?.left) return fileDigest !== null && continued.sync.left.digest === fileDigest;
  return digest !== null && continued?.source?.digest === digest;
}
