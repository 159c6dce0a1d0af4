import type { Input, Output } from '../../../shared/contract/procedures.ts';
import type { JobDefinition } from '../../../shared/domain/job.ts';
import { fromJobMapping } from '../../../shared/domain/job-mapping.ts';
import { changesOf } from '../../../shared/domain/confirmation.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { Run, RunHold, RunState } from '../../../shared/domain/run.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import type { Handlers } from '../dispatch.ts';
import { findFiles } from '../jobs/find-files.ts';
import { fitJob } from '../jobs/fit-job.ts';
import type { Described } from '../mapping/fit-mapping.ts';
import { mappedParents } from '../mapping/parent-describes.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import { loadedBefore } from './settle-runs.ts';

export interface PrepareTools {
  readonly orgs: Pick<OrgDirectory, 'describe'>;
  readonly sources: Pick<SourceRegistry, 'handOver' | 'open' | 'whenRead'>;
  /** What the window and the command line ask for themselves: a run takes the same ways. */
  readonly procedures: Pick<Handlers, 'source.clean' | 'checks.run' | 'plan.build'>;
}

/** A run that is being prepared, and where what it comes to is written down. */
export interface Preparing {
  readonly run: () => Run;
  /** Resolves once it is on disk. */
  readonly save: (change: Partial<Run>) => Promise<void>;
  /** A source that was made for this run, and goes with it. */
  readonly owns: (sourceId: SourceId) => void;
  readonly before: { readonly runs: readonly Run[]; readonly loads: readonly LoadSnapshot[] };
}

type Asked = Pick<Input<'run.prepare'>, 'sourceId' | 'again' | 'after' | 'acceptChangedFile'>;
type Prepared = Pick<Output<'run.prepare'>, 'checks' | 'plan'>;

/** Reads a job's file, fits the job to it, checks its rows and plans their load: each step is written down. Nothing is sent. */
export async function prepareRun(
  tools: PrepareTools,
  job: JobDefinition,
  asked: Asked,
  preparing: Preparing,
  signal: AbortSignal,
): Promise<Prepared> {
  const { run, save } = preparing;
  const end = async (state: RunState, prepared: Prepared = { checks: null, plan: null }): Promise<Prepared> => {
    await save({ state });
    return prepared;
  };
  const read = await readSource(tools, job, asked, preparing, signal);
  await save({ state: { kind: 'preparing', step: 'fitting' }, source: sourceOf(read) });
  const described = await describedFor(tools, job, run(), signal);
  const own = read.columns.slice(0, read.fileColumns).map(({ name }) => name);
  const { mapping, cleaning, holds, newColumns } = fitJob(job, own, described);
  await save({ newColumns: [...newColumns] });
  if (holds.length > 0) return end({ kind: 'held', holds: [...holds] });
  const { sourceId } = read;
  const isClean = JSON.stringify(read.cleaning) === JSON.stringify(cleaning);
  const source = isClean ? read : await tools.procedures['source.clean']({ sourceId, steps: [...cleaning] }, signal);
  await save({ source: sourceOf(source) });
  const standing = standingOf(run(), asked, preparing.before);
  if (standing) return end(standing);
  await save({ state: { kind: 'preparing', step: 'checking' } });
  const request = { orgId: run().orgId, sourceId, mapping };
  const checks = await tools.procedures['checks.run'](request, signal);
  const blocking = checks.mappingIssues.filter(({ level }) => level === 'block');
  if (blocking.length > 0) {
    const issues = blocking.map((issue): RunHold => ({ code: 'MAPPING_ISSUE', issue }));
    return end({ kind: 'held', holds: issues }, { checks, plan: null });
  }
  await save({ state: { kind: 'preparing', step: 'planning' } });
  const { acceptChangedFile = false } = asked;
  const plan = await tools.procedures['plan.build']({ ...request, acceptChangedFile }, signal);
  const { planId, planDigest, counts } = plan;
  const planned: RunState = run().dry
    ? { kind: 'ended', how: 'shown' }
    : changesOf(counts) === 0
      ? { kind: 'ended', how: 'nothing-to-load' }
      : { kind: 'planned' };
  await save({ plan: { planId, planDigest, counts }, state: planned });
  return { checks, plan };
}

function sourceOf({ sourceId, fileName, state }: SourceSummary): Run['source'] {
  const isRead = state.kind === 'staged';
  return { sourceId, fileName, digest: isRead ? state.digest : null, rows: isRead ? state.rows : 0 };
}

async function readSource(
  { sources }: PrepareTools,
  job: JobDefinition,
  asked: Asked,
  { owns }: Preparing,
  signal: AbortSignal,
): Promise<SourceSummary> {
  const sourceId = asked.sourceId ?? (await sources.handOver(await findFiles(job.source)));
  if (asked.sourceId === undefined) owns(sourceId);
  await sources.open(sourceId, job.read ?? {}, signal);
  return sources.whenRead(sourceId, signal);
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

/** How a run stands that must not load its rows, for they were loaded; null for all others. */
function standingOf(run: Run, asked: Asked, before: Preparing['before']): RunState | null {
  const digest = run.source?.digest ?? null;
  if (digest === null) return null;
  const continued = before.runs.find(({ runId }) => runId === asked.after);
  if (continued?.source?.digest === digest) return { kind: 'ended', how: 'same-rows' };
  const loaded = asked.again === true ? null : loadedBefore(run, digest, before);
  return loaded ? { kind: 'held', holds: [{ code: 'LOADED_BEFORE', ...loaded }] } : null;
}
