import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { COLUMNS, writeAccounts } from './whole-job.ts';

/**
 * Checking a million rows of twenty mapped columns of mixed types, beside staging them in the same run; checking again after one
 * column's change; groups and pages of what was found. One command, `npm run bench:checks`; `-- --rows N` for another number.
 */
const ROWS = Number(process.argv[process.argv.indexOf('--rows') + 1] || 1_000_000) || 1_000_000;
const PAGES = 20;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { seconds: (performance.now() - start) / 1000, value };
}

async function pages(work: (at: number) => Promise<unknown>): Promise<string> {
  const times = [];
  for (let at = 0; at < PAGES; at++) times.push((await timed(() => work(at))).seconds * 1000);
  times.sort((a, b) => a - b);
  return `median ${(times[PAGES / 2] ?? 0).toFixed(0)} ms, worst ${(times.at(-1) ?? 0).toFixed(0)} ms`;
}

const data = await mkdtemp(join(tmpdir(), 'longshore-checks-'));
const org = await startPracticeOrg(['--records', '500']);
const app = await startBackend(org, { data });
say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`);

try {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  const path = join(data, 'checks.csv');
  await writeAccounts(path, ROWS);
  const stage = await timed(() => app.stage(path));
  const { sourceId } = stage.value;
  const request = { orgId, sourceId, objectName: 'Account', operation: 'upsert' as const, useSaved: false };
  const suggest = await timed(() => app.call('mapping.suggest', request));
  const mapping = suggest.value;
  const check = await timed(() => app.call('checks.run', { orgId, sourceId, mapping }));
  say(
    `stage ${ROWS} × ${COLUMNS.length}: ${stage.seconds.toFixed(1)} s; suggest a mapping: ${suggest.seconds.toFixed(2)} s`,
  );
  say(`check: ${check.seconds.toFixed(1)} s, ${(check.seconds / stage.seconds).toFixed(2)} × staging`);
  say(`same again: ${(await timed(() => app.call('checks.run', { orgId, sourceId, mapping }))).seconds.toFixed(2)} s`);

  // One column's values are read otherwise: "Hot" is another.
  const rating = COLUMNS.indexOf('Rating');
  const changed = {
    ...mapping,
    columns: mapping.columns.map((one) => (one.column === rating ? { ...one, replacements: { Hot: 'Boiling' } } : one)),
  };
  const again = await timed(() => app.call('checks.run', { orgId, sourceId, mapping: changed }));
  say(`one column changed: ${again.seconds.toFixed(2)} s, ${again.value.rowsBlocked} rows blocked`);
  const group = again.value.groups.find(({ level }) => level === 'row');
  if (!group) throw new Error('a value that the picklist does not have was found nowhere');
  const ofGroup = { orgId, sourceId, mapping: changed, groupKey: group.key, limit: 100 };
  const rowsOf = await pages((at) =>
    app.call('checks.rows', { ...ofGroup, offset: Math.floor((group.rows / PAGES) * at) }),
  );
  say(`pages of a group’s rows (${group.rows}): ${rowsOf}`);
} finally {
  await app.close();
  org.stop();
  await rm(data, { recursive: true, force: true });
}
