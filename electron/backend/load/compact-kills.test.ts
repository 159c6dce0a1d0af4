import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPlan } from '../plan/plan-document.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import type { SqlValue } from '../staging/staging-functions.ts';
import { tablesOf } from '../tables/tables.ts';
import { compact, countedTokens, startCompactBench } from '../test-support/compact-bench.ts';
import { selectUndo } from '../undo/undo-rows.ts';
import { compactLoad } from './compact-load.ts';

/** A load that is being made small, and what comes in between: afterwards it is as it was or small, and nothing of it is lost. */

const { original, plan, copyOfLoad, withStaging } = await startCompactBench();
const NEVER = new AbortController().signal;

/** A staging client whose engine is killed just as it is asked for a step the first time. */
function dyingAt(step: string, staging: StagingClient, kill: () => Promise<void>) {
  let killed = false;
  const at =
    <A extends unknown[], T>(name: string, ask: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      if (name !== step || killed) return ask(...given);
      killed = true;
      const asked = ask(...given);
      await Promise.all([kill(), asked.catch(() => undefined)]);
      return asked;
    };
  const query = at('query', staging.query.bind(staging));
  return {
    killed: () => killed,
    staging: {
      query,
      create: at('create', staging.create.bind(staging)),
      detach: at('detach', staging.detach.bind(staging)),
      replaceFile: at('replaceFile', staging.replaceFile.bind(staging)),
      until: (signal: AbortSignal) => {
        const sql = staging.until(signal);
        return {
          query: (text: string, values?: SqlValue[]) => sql.query(text, values),
          run: at('run', (text: string) => sql.run(text)),
          runInOrder: at('runInOrder', (text: string) => sql.runInOrder(text)),
        };
      },
    },
  };
}

/** Digests of its outcomes with the rows they are of, and of what sets its records back. */
function digestsOf(data: string): Promise<unknown> {
  return withStaging(data, async (staging, folder) => {
    const stored = await readPlan(folder);
    const { outcome, staged } = tablesOf(plan.planId);
    const rows = `SELECT row_number, kind, id, error, line, c0, c1, c2, c3 FROM ${outcome} JOIN ${staged} USING (row_number)`;
    return Promise.all(
      [rows, selectUndo(stored, 'set-back') ?? ''].map((sql) =>
        staging.query(
          `SELECT count(*) AS n, md5(string_agg(r::VARCHAR, '|' ORDER BY row_number)) AS digest FROM (${sql}) r`,
        ),
      ),
    );
  });
}

test('killed at any step it is as it was or small, and is made small then', { timeout: 60_000 }, async () => {
  const before = await digestsOf(original);
  for (const step of ['runInOrder', 'run', 'replaceFile']) {
    const data = await copyOfLoad();
    await withStaging(data, async (staging, folder, kill) => {
      const dying = dyingAt(step, staging, kill);
      const stored = await readPlan(folder);
      await compactLoad({ staging: dying.staging, random: countedTokens }, stored, folder, NEVER).catch(
        () => undefined,
      );
      expect([step, dying.killed()]).toEqual([step, true]);
    });
    expect([step, await digestsOf(data)]).toEqual([step, before]);
    await withStaging(data, compact);
    expect([step, await digestsOf(data)]).toEqual([step, before]);
    const names = await readdir(join(data, 'loads', plan.planId));
    expect([step, names.filter((name) => /^part-|\.wal$|^kept/.test(name)).length]).toEqual([step, 1]);
  }
});

test('whatever else closes its database meanwhile, nothing of it is lost', async () => {
  const before = await digestsOf(original);
  const data = await copyOfLoad();
  await withStaging(data, async (staging, folder) => {
    // As where another file of many columns is opened between any two statements.
    const closing = {
      ...boundTo(staging),
      until: (signal: AbortSignal) => {
        const sql = staging.until(signal);
        const closed = async <T>(ask: () => Promise<T>): Promise<T> => {
          await staging.letGo(plan.planId);
          return ask();
        };
        return {
          query: (text: string, values?: SqlValue[]) => closed(() => sql.query(text, values)),
          run: (text: string) => closed(() => sql.run(text)),
          runInOrder: (text: string) => closed(() => sql.runInOrder(text)),
        };
      },
    };
    const stored = await readPlan(folder);
    await compactLoad({ staging: closing, random: countedTokens }, stored, folder, NEVER);
  });
  expect(await digestsOf(data)).toEqual(before);
  const names = await readdir(join(data, 'loads', plan.planId));
  expect(names.filter((name) => name.startsWith('kept-'))).toHaveLength(1);
});

function boundTo(staging: StagingClient) {
  return {
    query: staging.query.bind(staging),
    create: staging.create.bind(staging),
    detach: staging.detach.bind(staging),
    replaceFile: staging.replaceFile.bind(staging),
  };
}
