import type { CheckReport } from '../../../shared/domain/field-issue.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { JobId } from '../../../shared/domain/ids.ts';
import type { JobDefinition } from '../../../shared/domain/job.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { Run, RunState } from '../../../shared/domain/run.ts';
import type { RunSync, SyncFormat, SyncPart, SyncRules, SyncStateSummary } from '../../../shared/domain/sync.ts';
import { SyncFormat as SyncFormatSchema } from '../../../shared/domain/sync.ts';
import { planFolder } from '../plan/plan-registry.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { commitRows, headOf } from './commit.ts';
import { confirm, dropConfirmed } from './confirm.ts';
import { countKept, leaveKept } from './keep-cells.ts';
import { countMoved, leaveMoved } from './keep-moved-records.ts';
import { prepareGone } from './prepare-gone.ts';
import { prepareRows, type SyncedRows } from './prepare-rows.ts';
import { removeState, resetState, summarise } from './reset-state.ts';
import { syncMapping, type SyncMapping } from './sync-basis.ts';
import { usingState, type SyncRun, type SyncTools } from './sync-runs.ts';

const LEFT_WINS: SyncRules = { orgChanges: 'set-back', gone: { then: 'leave' } };

/**
 * One-way sync, as a mode of a job's runs: READ LEFT → READ RIGHT → RECONCILE before a run is planned, its plan held to what was agreed (GUARD),
 * an ordinary load (APPLY), and CONFIRM → COMMIT once that has ended. Each phase is on the run before it begins.
 */
export class SyncEngine {
  readonly #tools: SyncTools;

  constructor(tools: SyncTools) {
    this.#tools = tools;
  }

  /** Narrows a run to the rows that it is about, or to the records whose rows are gone. */
  prepare(
    job: JobDefinition,
    fitted: SyncedRows,
    syncRun: SyncRun,
    part: SyncPart,
    signal: AbortSignal,
  ): Promise<SyncedRows | RunState> {
    const prepare = part === 'rows' ? prepareRows : prepareGone;
    return prepare(this.#tools, job, fitted, syncRun, signal);
  }

  /** Leaves out of a plan what is agreed otherwise in the org, or is kept there; and notes how columns were read. */
  async keep(
    rules: SyncRules = LEFT_WINS,
    run: Run,
    { plan, checks }: { readonly plan: LoadPlan; readonly checks: CheckReport },
    signal: AbortSignal,
  ): Promise<{ readonly plan: LoadPlan; readonly sync: RunSync | null }> {
    const { sync: own, jobId } = run;
    if (!own) return { plan, sync: own };
    // Of a few rows formats are known before, or can't be told.
    const formats = own.whole ? formatsOf(checks, plan.mapping) : [];
    const { staging, plans } = this.#tools;
    return usingState(this.#tools, jobId, own.workId, async (alias) => {
      const sync = this.#mapping(plans.get(plan.planId));
      if (alias === null || (await headOf(this.#tools, run, signal)) === null)
        return { plan, sync: { ...own, formats } };
      const keeping = { plan, sync, alias, rules };
      if (own.part === 'gone') {
        const kept = { plan, workId: own.workId };
        const moved = rules.gone.then === 'delete' ? await countMoved(staging.until(signal), kept) : 0;
        if (moved === 0) return { plan, sync: own };
        const safe = await plans.change(plan.planId, signal, (sql, _now, planned) => leaveMoved(sql, kept, planned));
        return { plan: safe, sync: { ...own, kept: moved } };
      }
      const input = { ...sync, planId: plan.planId, folder: planFolder(this.#tools.ports.paths, plan.planId) };
      const kept = await countKept(staging.until(signal), { ...keeping, input });
      const changed =
        kept === 0
          ? plan
          : await plans.change(plan.planId, signal, (sql, now, planned) =>
              leaveKept(sql, { ...keeping, plan: now, input: planned }),
            );
      return { plan: changed, sync: { ...own, kept, formats } };
    });
  }

  #mapping({ plan, describe, parents }: StoredPlan): SyncMapping {
    return syncMapping(plan.mapping, describe, new Map(parents.map((parent) => [parent.name.toLowerCase(), parent])));
  }

  /**
   * COMMIT of a run whose plan has nothing to load. What the run worked with stays until the next one begins: a process may end before it is written
   * down that this one is over.
   */
  async commitPlan(rules: SyncRules = LEFT_WINS, run: Run, signal: AbortSignal): Promise<RunSync | null> {
    const { sync: own, plan, jobId } = run;
    if (!own || !plan) return own;
    const stored = this.#tools.plans.get(plan.planId);
    const committing = { ...this.#committing(stored, rules), loaded: false };
    return usingState(this.#tools, jobId, own.workId, () => commitRows(this.#tools, run, committing, signal));
  }

  /**
   * CONFIRM and COMMIT of a run whose load has ended, once however often it is asked: before it is done, the run is not over. `note` hears of
   * each phase before it begins.
   */
  async finish(
    rules: SyncRules = LEFT_WINS,
    run: Run,
    note: (sync: RunSync) => Promise<void>,
    signal: AbortSignal,
  ): Promise<RunSync | null> {
    const { sync: own, jobId, loadId, orgId } = run;
    if (!own || loadId === null || own.phase === 'committed') return own;
    const { loads, orgs, staging, ports } = this.#tools;
    await note({ ...own, phase: 'confirm' });
    const { snapshot, stored, folder } = await loads.load(loadId);
    await loads.letGo(snapshot);
    const committing = this.#committing(stored, rules);
    const client = await orgs.client(orgId);
    const reading = { client, staging, clock: ports.clock, ...committing, folder };
    const committed = await usingState(this.#tools, jobId, own.workId, async () => {
      if ((await headOf(this.#tools, run, signal))?.lastRun !== run.runId) {
        if (own.part === 'rows') await confirm(reading, signal);
        await note({ ...own, phase: 'commit' });
      }
      return commitRows(this.#tools, { ...run, sync: own }, { ...committing, loaded: true }, signal);
    });
    await dropConfirmed(reading);
    return committed;
  }

  /** What the job's state has. */
  summary(jobId: JobId, signal: AbortSignal): Promise<SyncStateSummary> {
    return summarise(this.#tools, jobId, signal);
  }

  /** Forgets what was agreed; only by who has the right to run the job. */
  reset(jobId: JobId, signal: AbortSignal): Promise<void> {
    return resetState(this.#tools, jobId, this.#tools.ports.clock.now(), signal);
  }

  /** Removes all that is kept for a job; only by who has the right to run it. */
  forget(jobId: JobId): Promise<void> {
    return removeState(this.#tools, jobId);
  }

  #committing(stored: StoredPlan, { gone }: SyncRules) {
    const { planId, currentRecordsFetchedAt: fetchedAt } = stored.plan;
    return { planId, fetchedAt, sync: this.#mapping(stored), gone };
  }
}

/** Formats that were found, of columns whose mapping does not say any. */
function formatsOf({ formats }: CheckReport, { columns }: FieldMapping): SyncFormat[] {
  return formats.flatMap(({ column, dateOrder, decimal }) => {
    const given = columns.find((one) => one.column === column)?.format;
    const found = {
      column,
      ...(given?.dateOrder === undefined && isTold(dateOrder) ? { dateOrder } : {}),
      ...(given?.decimal === undefined && isTold(decimal) ? { decimal } : {}),
    };
    const parsed = SyncFormatSchema.safeParse(found);
    return parsed.success && Object.keys(parsed.data).length > 1 ? [parsed.data] : [];
  });
}

function isTold(format: string | null): format is string {
  return format !== null && format !== 'ambiguous';
}
