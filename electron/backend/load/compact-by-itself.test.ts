import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { OutcomeKind, ReportFile } from '../../../shared/domain/load-results.ts';
import { planFewAccounts } from '../test-support/few-accounts.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';

/** A load that is made small by itself tells and takes back after that what it did before. */

const org = await startPracticeOrg(['--records', '0']);
const data = await mkdtemp(join(tmpdir(), 'longshore-few-'));
const app = await startBackend(org, { data });
const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
afterAll(async () => {
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
});
const ROWS = 40;

async function load(row: (n: number) => string) {
  const lines = Array.from({ length: ROWS }, (_, n) => row(n));
  const few = await planFewAccounts(app, orgId, join(data, 'few.csv'), lines, { way: 'automatic' });
  const { planId, planDigest } = few;
  return app.finished((await app.call('load.start', { planId, planDigest })).loadId);
}

test('of a load of forty rows everything is told and taken back as before', async () => {
  await load((n) => `F-${n},Before ${n},+49 ${n},`);
  // One in four is changed, one is new, one is unchanged, and one is not sent.
  const { loadId, planId } = await load((n) => {
    if (n % 4 === 0) return `F-${n},After ${n},+49 ${n},changed`;
    if (n % 4 === 1) return `G-${n},New ${n},+1 ${n},`;
    return n % 4 === 2 ? `F-${n},Before ${n},+49 ${n},` : `H-${n},,+1 ${n},no name`;
  });
  const told = async (backend: TestBackend) => {
    const files: Record<string, string> = {};
    for (const file of ReportFile.options) {
      await backend.call('report.save', { loadId, file, spreadsheetSafe: false });
      files[file] = await readFile(backend.saved.at(-1)?.path ?? '', 'utf8');
    }
    const { load: ended, errorGroups } = await backend.call('report.get', { loadId });
    const page = await backend.call('report.page', { loadId, kinds: OutcomeKind.options, offset: 0, limit: 50 });
    const { steps } = await backend.call('undo.offer', { loadId });
    for (const { what } of steps) {
      await backend.call('undo.prepare', { loadId, what });
      files[what] = await readFile(join(data, 'loads', planId, 'undo', `${what}.csv`), 'utf8');
    }
    return { counts: ended.counts, errorGroups, files, page, steps };
  };
  const before = await told(app);
  expect(before.counts).toMatchObject({ created: 10, updated: 10, unchanged: 10, skipped: 10 });
  await app.close();

  // As a load of more rows.
  await writeFile(join(data, 'loads', planId, 'part-7.csv'), Buffer.alloc(17 * 2 ** 20));
  const quick = await startBackend(org, { data, faster: 1000 });
  const keptBytes = async () => (await quick.call('load.get', { loadId })).keptBytes ?? 0;
  await expect.poll(keptBytes, { timeout: 10_000 }).toBeGreaterThan(0);
  await quick.close();
  const names = await readdir(join(data, 'loads', planId));
  expect(names.filter((name) => /^part-|\.wal$|^kept/.test(name))).toEqual([]);

  const again = await startBackend(org, { data });
  await again.call('orgs.signIn', { target: { kind: 'practice' } });
  expect(await told(again)).toEqual(before);
  await again.close();
});
