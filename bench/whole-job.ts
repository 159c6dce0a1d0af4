import { stat } from 'node:fs/promises';
import { sampleAccount } from '../electron/practice-org/sample/sample-company.ts';
import type { Operation } from '../shared/domain/field-mapping.ts';
import type { LoadPlan } from '../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../shared/domain/load-results.ts';
import type { SourceSummary } from '../shared/domain/source-file.ts';
import type { BrowserHost } from './browser-host.ts';
import { longestHoldUp } from './hold-ups.ts';
import { MemoryWatch } from './memory-watch.ts';
import { writeRows } from './write-rows.ts';

export const COLUMNS = [
  'ERP_Id__c',
  'Name',
  'Type',
  'Industry',
  'Rating',
  'Phone',
  'Website',
  'BillingStreet',
  'BillingCity',
  'BillingPostalCode',
  'BillingCountry',
  'NumberOfEmployees',
  'AnnualRevenue',
  'Customer_Since__c',
  'Active__c',
  'Credit_Limit__c',
  'Discount__c',
  'SLA__c',
  'Interests__c',
  'Billing_Email__c',
];

/** Accounts as the practice org has them, every third with another phone number; those beyond the org's are new. */
export async function writeAccounts(path: string, rows: number): Promise<void> {
  await writeRows(path, COLUMNS, rows, (n) => {
    const account = sampleAccount(n);
    if (n % 3 === 0) account['Phone'] = `+49 40 ${n}`;
    return account;
  });
}

/** What a changed row has in one to three of its fields. */
const OTHERS = ['Phone', 'BillingCity', 'Website'] as const;

/** Of accounts as the practice org has them a tenth is new, and a tenth has others of one to three fields. */
export async function writeTenthChanged(path: string, rows: number): Promise<void> {
  await writeRows(path, COLUMNS, rows, (n) => {
    const tenth = n % 10;
    if (tenth === 0) return { ...sampleAccount(n), ERP_Id__c: `NEW-${n}` };
    const account = sampleAccount(n);
    if (tenth === 1)
      for (const field of OTHERS.slice(0, 1 + (Math.floor(n / 10) % OTHERS.length)))
        account[field] = field === 'Website' ? `https://w${n}.example` : `+49 ${n}`;
    return account;
  });
}

export const STAGES = ['stage', 'check', 'plan', 'prepare', 'send', 'reconcile', 'finish'] as const;
type Stage = (typeof STAGES)[number];

/** What one job took, from the drop of its file to the last row reconciled. */
export interface WholeJob {
  readonly bytes: number;
  /** Seconds of each stage. A load prepares (drift, parts), then sends and reconciles by turns, then finishes. */
  readonly seconds: Readonly<Record<Stage, number>>;
  /** Peak resident memory in each stage, MiB. */
  readonly memory: Readonly<Record<Stage, number>>;
  readonly whole: number;
  /** Peak resident memory of all backend processes, MiB. */
  readonly peak: number;
  readonly each: ReadonlyMap<string, number>;
  /** Longest hold-ups of event loops, ms, and in which stage. */
  readonly heldUp: Readonly<Record<'backend' | 'staging', { readonly ms: number; readonly stage: Stage }>>;
  readonly plan: LoadPlan;
  readonly load: LoadSnapshot;
}

/** Adds up the time and the peak memory of stages that may take turns. */
class StageWatch {
  readonly seconds = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>;
  readonly memory = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>;
  #stage: Stage = 'stage';
  readonly #entered: { at: number; stage: Stage }[] = [{ at: 0, stage: 'stage' }];
  #since = performance.now();
  readonly #watch: MemoryWatch;
  constructor(watch: MemoryWatch) {
    this.#watch = watch;
  }
  enter(stage: Stage): void {
    const now = performance.now();
    this.seconds[this.#stage] += (now - this.#since) / 1000;
    this.memory[this.#stage] = Math.max(this.memory[this.#stage], this.#watch.lap());
    if (stage !== this.#stage)
      process.stderr.write(
        `  ${this.#stage}: ${this.seconds[this.#stage].toFixed(1)} s, ${this.memory[this.#stage]} MiB\n`,
      );
    if (stage !== this.#stage) this.#entered.push({ at: Date.now(), stage });
    [this.#stage, this.#since] = [stage, now];
  }
  /** Which stage it was at a time, ms since the epoch. */
  at(time: number): Stage {
    return this.#entered.findLast(({ at }) => at <= time)?.stage ?? 'stage';
  }
}

function loadStage({ jobs }: LoadSnapshot): Stage {
  if (jobs.length === 0) return 'prepare';
  if (jobs.every(({ state }) => state === 'Reconciled')) return 'finish';
  return jobs.some(({ state }) => state === 'Checking') ? 'reconcile' : 'send';
}

/** Drops a file on a host and does what there is to do until its last row is reconciled. Throws if any row has no outcome. */
export async function wholeJob(
  host: BrowserHost,
  orgId: string,
  operation: Operation,
  path: string,
  rows: number,
  probe: string,
): Promise<WholeJob> {
  const watch = new MemoryWatch(host.child.pid ?? 0);
  const from = Date.now();
  const stages = new StageWatch(watch);
  const { sourceId } = await host.handOver(path);
  await host.call('source.open', { sourceId, choice: {} });
  await host.until<SourceSummary>('source.get', { sourceId }, ({ state }) => state.kind === 'staged');
  const mapping = await host.call('mapping.suggest', {
    orgId,
    sourceId,
    objectName: 'Account',
    operation,
    useSaved: false,
  });
  stages.enter('check');
  await host.call('checks.run', { orgId, sourceId, mapping });
  stages.enter('plan');
  const plan = await host.call<LoadPlan>('plan.build', { orgId, sourceId, mapping });
  stages.enter('prepare');
  const { planId, planDigest } = plan;
  const { loadId } = await host.call<LoadSnapshot>('load.start', { planId, planDigest });
  const load = await host.until<LoadSnapshot>('load.get', { loadId }, (snapshot) => {
    stages.enter(loadStage(snapshot));
    return snapshot.state.kind === 'finished' || snapshot.state.kind === 'paused';
  });
  const whole = Object.values(stages.seconds).reduce((sum, seconds) => sum + seconds, 0);
  const sum = Object.values(load.counts).reduce((a, b) => a + b, 0);
  if (load.state.kind !== 'finished' || sum !== rows)
    throw new Error(`the load ended with ${JSON.stringify(load.state)}, and its outcomes sum to ${sum}`);
  // What the processes noted last is written within 200 ms.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const heldUp = async (name: string) => {
    const { ms, at } = await longestHoldUp(probe, name, from);
    return { ms, stage: stages.at(at) };
  };
  return {
    bytes: (await stat(path)).size,
    seconds: stages.seconds,
    memory: stages.memory,
    whole,
    peak: watch.stop(),
    each: watch.each,
    heldUp: { backend: await heldUp('browser'), staging: await heldUp('staging') },
    plan,
    load,
  };
}

/** Counts that are not nought, in words. */
export function inWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count.toLocaleString('en')} ${kind}`)
    .join(', ');
}
