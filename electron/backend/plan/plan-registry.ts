import { join } from 'node:path';
import type { WorkProgress } from '../../../shared/contract/events.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { PlanId, type OrgId, type SourceId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { PlanApproval } from '../../../shared/domain/plan-approval.ts';
import { jobBytesOf } from '../../../shared/domain/settings.ts';
import { digestOf } from '../digest-of.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { parseJson } from '../parse-json.ts';
import type { BackendPorts } from '../ports.ts';
import type { Preferences } from '../settings/preferences.ts';
import type { StagingClient, StagingSql } from '../staging/staging-client.ts';
import type { ValueChecker } from '../validation/check-values.ts';
import type { MappingContext } from '../validation/mapping-context.ts';
import type { FetchFrom, KeptFetches } from './fetch/kept-fetches.ts';
import { buildLoadPlan, type PlanTools } from './build-load-plan.ts';
import { isOfSame, withChoicesOf } from './carry-choices.ts';
import { leaveOut, type LeaveOut } from './leave-out.ts';
import { measureAgain } from './measure-plan.ts';
import type { PlannedMapping } from './plan-input.ts';
import { storedPlan, type StoredPlan } from './stored-plan.ts';
import { WaitingPlans } from './waiting-plans.ts';

interface RegistryTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'clock' | 'random' | 'log'>;
  readonly staging: PlanTools['staging'] & Pick<StagingClient, 'detach'>;
  readonly orgs: Pick<OrgDirectory, 'client'>;
  readonly checker: ValueChecker;
  readonly fetches: KeptFetches;
  readonly preferences: Pick<Preferences, 'current'>;
  readonly work: (progress: WorkProgress) => void;
  /** Whether a load has come of a plan, whose database is then the load's. */
  readonly isUsed: (planId: PlanId) => boolean;
}

/** The folder a plan's database is made in; the load that may come of it has the same. */
export function planFolder({ data }: BackendPorts['paths'], planId: PlanId): string {
  return join(data, 'loads', planId);
}

/** Looks in a plan for what was found in the one that it takes the place of; that one is still there. */
type LookAgain = (before: StoredPlan, now: StoredPlan, signal: AbortSignal) => Promise<void>;

/** A person looks back at the plan of a load that runs or has just ended. */
const LOADED_KEPT = 20;

/** The plans of this process, reviewed or about to be; those that wait for a load are on disk as well. */
export class PlanRegistry {
  readonly #tools: RegistryTools;
  readonly #plans = new Map<PlanId, StoredPlan>();
  readonly #waiting: WaitingPlans;
  #lookAgain: LookAgain = () => Promise.resolve();

  constructor(tools: RegistryTools) {
    this.#tools = tools;
    this.#waiting = new WaitingPlans(tools.ports);
  }

  /** Has somebody look again in plans that take the place of others of the same rows and mapping, before what was chosen is chosen again. */
  whenReplaced(lookAgain: LookAgain): void {
    this.#lookAgain = lookAgain;
  }

  /** Throws `PLAN_UNKNOWN`. */
  get(planId: PlanId): StoredPlan {
    const stored = this.#plans.get(planId);
    if (!stored) throw new FailureError({ code: 'PLAN_UNKNOWN' });
    return stored;
  }

  has(planId: PlanId): boolean {
    return this.#plans.has(planId);
  }

  /**
   * Checks every value and works out what a load would do. In a plan that takes the place of another one, of the same rows and mapping,
   * holds what was chosen in that, as far as it fits; that one stays should this one not come about. Throws `MAPPING_BLOCKED`.
   */
  async build(
    orgId: OrgId,
    context: MappingContext,
    signal: AbortSignal,
    { from = 'broken-off', keepChoicesOf }: { from?: FetchFrom | undefined; keepChoicesOf?: PlanId | undefined } = {},
  ): Promise<LoadPlan> {
    const { ports, staging, orgs, checker, fetches, preferences, work } = this.#tools;
    const { source, mapping, describe, parents, referenced, mappingIssues } = context;
    const { sourceId } = source;
    const problems = mappingIssues.filter((issue) => issue.level === 'block').length;
    if (problems > 0) throw new FailureError({ code: 'MAPPING_BLOCKED', problems });
    await checker.check(context, signal, (done, total) => work({ sourceId, stage: 'checking', done, total }));
    const client = await orgs.client(orgId);
    const before = this.#replaced(keepChoicesOf);
    if (!before) await this.forgetUnused(sourceId);
    const planId = PlanId.parse(`plan_${ports.random.token(16)}`);
    const folder = planFolder(ports.paths, planId);
    const { jobMegabytes, jobsAtOnce } = preferences.current;
    const jobBytes = jobBytesOf(jobMegabytes);
    const keep = fetches.forPlan(orgId, from, () => client.now());
    const input = {
      planId,
      orgId,
      source,
      mapping,
      describe,
      parents,
      referenced,
      folder,
      now: client.now(),
      jobBytes,
      jobsAtOnce,
    };
    try {
      const tools = { client, staging, clock: ports.clock };
      const built = await buildLoadPlan({ ...tools, keep }, input, signal, (stage, done) =>
        work({ sourceId, stage, done, total: null }),
      );
      if (before && isOfSame(before.plan, built)) await this.#lookAgain(before, storedPlan(input, built), signal);
      const plan = before ? await withChoicesOf(tools, input, built, before.plan, signal) : built;
      if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
      await keep.planned();
      if (before) await this.forgetUnused(sourceId);
      this.#forgetLoaded();
      await this.#keep(storedPlan(input, plan));
      return plan;
    } catch (error) {
      await keep.failed(error);
      // Closing a database writes it out first: who called the plan off does not wait for that.
      const cleared = this.#clear(planId);
      if (!signal.aborted) await cleared;
      throw error;
    }
  }

  /** The plan whose choices are to hold in a new one, if there is one that no load has come of. */
  #replaced(planId: PlanId | undefined): StoredPlan | undefined {
    return planId && !this.#tools.isUsed(planId) ? this.#plans.get(planId) : undefined;
  }

  /** Leaves rows or changes out of a plan, or takes them back. Throws what `change` does. */
  leaveOut(planId: PlanId, what: LeaveOut, signal: AbortSignal): Promise<LoadPlan> {
    return this.change(planId, signal, (sql, plan, input) => leaveOut(sql, plan, input, what));
  }

  /**
   * Changes what a plan's rows would do, and gives it another digest. Throws `PLAN_STALE` for a plan that was loaded; one that was half
   * changed when something went wrong is forgotten.
   */
  async change(
    planId: PlanId,
    signal: AbortSignal,
    work: (sql: StagingSql, plan: LoadPlan, input: PlannedMapping) => Promise<void>,
  ): Promise<LoadPlan> {
    const { ports, staging, isUsed } = this.#tools;
    const stored = this.get(planId);
    if (isUsed(planId)) throw new FailureError({ code: 'PLAN_STALE', why: 'used', rows: 0 });
    const { plan, describe } = stored;
    // No load may begin of what is being changed: nobody has seen this digest.
    const planDigest = digestOf(['changing', ports.random.token(16)]);
    this.#plans.set(planId, { ...stored, plan: { ...plan, planDigest } });
    const parents = new Map(stored.parents.map((parent) => [parent.name.toLowerCase(), parent]));
    const input = { planId, mapping: plan.mapping, describe, parents, folder: planFolder(ports.paths, planId) };
    try {
      await this.#waiting.unsave(planId);
      const sql = staging.until(signal);
      await work(sql, plan, input);
      const changed = await measureAgain(sql, plan);
      await this.#keep({ ...stored, plan: changed, approval: undefined });
      return changed;
    } catch (error) {
      await this.#clear(planId);
      throw error;
    }
  }

  /** Keeps with a plan who approved it. Throws `APPROVAL_UNUSABLE`. */
  async approve(planId: PlanId, fileName: string, content: string): Promise<PlanApproval> {
    const stored = this.get(planId);
    const approval = PlanApproval.safeParse(parseJson(Buffer.from(content, 'base64').toString('utf8')));
    if (!approval.success) throw new FailureError({ code: 'APPROVAL_UNUSABLE', fileName, why: 'unreadable' });
    if (approval.data.planDigest !== stored.plan.planDigest)
      throw new FailureError({ code: 'APPROVAL_UNUSABLE', fileName, why: 'other' });
    await this.#keep({ ...stored, approval: approval.data });
    return approval.data;
  }

  async #keep(stored: StoredPlan): Promise<void> {
    const { planId } = stored.plan;
    await this.#waiting.take(planId);
    await this.#waiting.save(stored);
    this.#plans.set(planId, stored);
  }

  /** Plans that no load has come of, also of earlier processes; the latest first. */
  async waiting(): Promise<StoredPlan[]> {
    const plans = (await this.#waiting.list()).filter(({ plan }) => !this.#tools.isUsed(plan.planId));
    return plans.sort((one, other) => other.plan.currentRecordsFetchedAt - one.plan.currentRecordsFetchedAt);
  }

  /** Has a plan at hand again, just as it was. Throws `PLAN_UNKNOWN` for one that is not there, or that another process has open. */
  async reopen(planId: PlanId): Promise<StoredPlan> {
    const known = this.#plans.get(planId);
    if (known) return known;
    const stored = (await this.waiting()).find(({ plan }) => plan.planId === planId);
    if (!stored || !(await this.#waiting.take(planId))) throw new FailureError({ code: 'PLAN_UNKNOWN' });
    const need = { columns: stored.columns.length, joinedRows: 0 };
    await this.#tools.staging.attach(planId, join(this.#waiting.folderOf(planId), 'plan.duckdb'), need);
    this.#plans.set(planId, stored);
    return stored;
  }

  /** Closes a plan that no load has come of, and leaves it to whoever reopens it, in whatever process. */
  async putAway(planId: PlanId): Promise<void> {
    if (this.#tools.isUsed(planId)) return;
    this.#plans.delete(planId);
    await this.#tools.staging.detach(planId);
    await this.#waiting.release(planId);
  }

  /** Drops a plan that no load has come of. */
  async forget(planId: PlanId): Promise<void> {
    if (this.#tools.isUsed(planId) || !(await this.waiting()).some(({ plan }) => plan.planId === planId)) return;
    await this.#drop(planId);
  }

  async #drop(planId: PlanId): Promise<void> {
    this.#plans.delete(planId);
    await this.#tools.staging.detach(planId);
    await this.#waiting.remove(planId);
  }

  close(): Promise<void> {
    return this.#waiting.close();
  }

  /** Takes away what a plan that came to nothing has left. */
  async #clear(planId: PlanId): Promise<void> {
    const { ports } = this.#tools;
    try {
      await this.#drop(planId);
    } catch (error) {
      ports.log.error('a plan that was not made was left behind', error, { planId });
    }
  }

  /**
   * Drops the plans of a source that were never loaded, with their copies of its rows: one that is built anew takes their
   * place, and with the source they go too.
   */
  async forgetUnused(sourceId: SourceId): Promise<void> {
    for (const { plan } of await this.waiting()) if (plan.sourceId === sourceId) await this.#drop(plan.planId);
  }

  /** Plans that were loaded are the loads' own; the latest stay to be looked at. */
  #forgetLoaded(): void {
    const loaded = [...this.#plans.keys()].filter((planId) => this.#tools.isUsed(planId));
    for (const planId of loaded.slice(0, -LOADED_KEPT)) this.#plans.delete(planId);
  }
}
