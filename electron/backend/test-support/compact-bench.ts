import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { compactLoad } from '../load/compact-load.ts';
import { readPlan } from '../plan/plan-document.ts';
import { planFolder } from '../plan/plan-registry.ts';
import { StagingClient } from '../staging/staging-client.ts';
import { planFewAccounts } from './few-accounts.ts';
import { spawnStaging, startBackend, startPracticeOrg } from './start-backend.ts';

/** More than what stays in a database of a load that was made small. */
const ROWS = 2600;
const NEVER = new AbortController().signal;

let tokens = 0;
/** Tokens that are each another one. */
export const countedTokens = { token: (length: number) => `t${++tokens}`.padEnd(length, 'x').slice(0, length) };

type Work<T> = (staging: StagingClient, folder: string, kill: () => Promise<void>) => Promise<T>;

interface CompactBench {
  readonly org: Awaited<ReturnType<typeof startPracticeOrg>>;
  /** A data folder with a load as its end left it, of which each fate has rows. */
  readonly original: string;
  readonly loadId: LoadId;
  readonly plan: LoadPlan;
  readonly newData: () => Promise<string>;
  readonly copyOfLoad: () => Promise<string>;
  /** A data folder with an engine of its own, as Longshore has it while it makes the load small. */
  readonly withStaging: <T>(data: string, work: Work<T>) => Promise<T>;
}

/** Makes the load small. */
export function compact(staging: StagingClient, folder: string): Promise<void> {
  return readPlan(folder).then((stored) => compactLoad({ staging, random: countedTokens }, stored, folder, NEVER));
}

/** A practice org and a finished load, for all tests of the file that awaits it at its top; gone after them. */
export async function startCompactBench(): Promise<CompactBench> {
  const folders: string[] = [];
  const newData = async () => {
    const data = await mkdtemp(join(tmpdir(), 'longshore-compact-'));
    folders.push(data);
    return data;
  };
  const org = await startPracticeOrg(['--records', '0']);
  afterAll(async () => {
    org.stop();
    for (const data of folders) await rm(data, { recursive: true, force: true, maxRetries: 5 });
  });
  const original = await newData();
  const { plan, loadId } = await loadTwice(org, original);
  return {
    org,
    original,
    loadId,
    plan,
    newData,
    copyOfLoad: async () => {
      const data = await newData();
      await cp(original, data, { recursive: true });
      return data;
    },
    withStaging: (data, work) => withStaging(data, plan, work),
  };
}

async function loadTwice(org: { url: string }, data: string): Promise<{ plan: LoadPlan; loadId: LoadId }> {
  const app = await startBackend(org, { data });
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  const load = async (rows: (n: number) => string) => {
    const lines = Array.from({ length: ROWS }, (_, n) => rows(n));
    const plan = await planFewAccounts(app, orgId, join(data, 'rows.csv'), lines);
    const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
    await app.finished(loadId);
    return { plan, loadId };
  };
  await load((n) => `K-${n},Before ${n},+49 ${n},`);
  // Of ten rows one is changed, one new, one repeats the one before it, and one the org refuses; the others are unchanged.
  const loaded = await load((n) => {
    if (n % 10 === 1) return `K-${n},After ${n},+49 ${n},"changed, ${n}"`;
    if (n % 10 === 2) return `N-${n},New ${n},+1 ${n},`;
    if (n % 10 === 4) return `K-${n - 1},Before ${n - 1},+49 ${n - 1},again`;
    if (n % 10 === 5) return `K-${n},,+49 ${n}0,blank name`;
    return `K-${n},Before ${n},+49 ${n},remark ${n}`;
  });
  await app.close();
  return loaded;
}

async function withStaging<T>(data: string, plan: LoadPlan, work: Work<T>): Promise<T> {
  const paths = { data };
  let process: ReturnType<typeof spawnStaging> | null = null;
  const log = { place: '', info: () => undefined, error: () => undefined };
  const staging = new StagingClient({
    paths,
    log,
    random: countedTokens,
    spawnStaging: (spill) => (process = spawnStaging(spill)),
  });
  const kill = () =>
    new Promise<void>((resolve) => {
      process?.onExit(() => resolve());
      process?.kill();
    });
  const folder = planFolder(paths, plan.planId);
  try {
    await staging.attach(plan.planId, join(folder, 'plan.duckdb'), { columns: 4, joinedRows: ROWS });
    return await work(staging, folder, kill);
  } finally {
    await staging.close();
  }
}
