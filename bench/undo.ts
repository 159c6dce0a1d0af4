import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import type { LoadPlan } from '../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../shared/domain/load-results.ts';
import { sampleAccount } from '../electron/practice-org/sample/sample-company.ts';
import { MemoryWatch } from './memory-watch.ts';
import { COLUMNS, inWords, writeTenthChanged } from './whole-job.ts';
import { writeRows } from './write-rows.ts';

/**
 * A load of a million rows (80 % unchanged, 10 % changed, 10 % new; with `-- --all` each row with other values in every field but its key)
 * and its undo: how long each step is planned and loaded, what the load keeps, and that the org is afterwards as it was, cell by cell.
 * One command, `npm run bench:undo`; `-- --rows N` for another number.
 */
const { values: flags } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, all: { type: 'boolean', default: false } },
});
const ROWS = Number(flags.rows);

const say = (what: string, value: string, bar = '–'): void =>
  void process.stdout.write(`| ${what} | ${value} | ${bar} |\n`);

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: string; value: T }> {
  const start = performance.now();
  const value = await work();
  return { seconds: `${((performance.now() - start) / 1000).toFixed(1)} s`, value };
}

/** Bytes of each file in a folder and below it, the largest first. */
async function bytesIn(folder: string): Promise<[name: string, bytes: number][]> {
  const files: [string, number][] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) files.push([entry.name, (await stat(join(entry.parentPath, entry.name))).size]);
  return files.sort(([, one], [, other]) => other - one);
}

async function sayKept(what: string, folder: string, ofFile: number, bar?: string): Promise<void> {
  const files = await bytesIn(folder);
  const share = (bytes: number) => `${((100 * bytes) / ofFile).toFixed(2)} %`;
  const bytes = files.reduce((sum, [, one]) => sum + one, 0);
  const each = files.slice(0, 6).map(([name, one]) => `${name} ${share(one)}`);
  say(what, `${(bytes / 2 ** 20).toFixed(1)} MiB, ${share(bytes)} of the file (${each.join(', ')})`, bar);
}

/** Accounts whose every field but the key is another company's. */
function writeAllChanged(path: string, rows: number): Promise<void> {
  return writeRows(path, COLUMNS, rows, (n) => ({
    ...sampleAccount(n + 7_000_000),
    ERP_Id__c: sampleAccount(n)['ERP_Id__c'] ?? null,
  }));
}

const data = await mkdtemp(join(tmpdir(), 'longshore-undo-'));
const org = await startPracticeOrg(['--records', String(ROWS), '--knob', 'storageMB=1000000']);
const app = await startBackend(org, { data });
say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`, `${ROWS} rows`);

try {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });

  /** A digest of every account of the org, with all that the load writes. */
  const digestOfOrg = async (): Promise<string> => {
    const soql = `SELECT Id, ${COLUMNS.join(', ')} FROM Account ORDER BY Id`;
    await app.call('export.query', { orgId, soql, fileName: 'accounts.csv' });
    const { path } = app.saved.at(-1) ?? { path: '' };
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    await rm(path);
    return hash.digest('hex');
  };
  const load = async ({ planId, planDigest }: LoadPlan): Promise<LoadSnapshot> => {
    const { loadId } = await app.call('load.start', { planId, planDigest });
    const ended = await app.finished(loadId);
    if (ended.state.kind !== 'finished') throw new Error(`the load ended with ${JSON.stringify(ended.state)}`);
    return ended;
  };

  const before = await digestOfOrg();
  const path = join(data, 'undone.csv');
  await (flags.all ? writeAllChanged : writeTenthChanged)(path, ROWS);
  const { size } = await stat(path);
  const { sourceId } = await app.stage(path);
  const request = { orgId, sourceId, objectName: 'Account', operation: 'upsert' as const, useSaved: false };
  const mapping = await app.call('mapping.suggest', request);
  const plan = await app.call('plan.build', { orgId, sourceId, mapping });
  const loaded = await timed(() => load(plan));
  say('the load', `${loaded.seconds}: ${inWords(loaded.value.counts)}`);
  const folder = join(data, 'loads', plan.planId);
  await sayKept('what the load keeps when it ends', folder, size);
  const compact = new MemoryWatch(process.pid);
  const made = await timed(async () => {
    // It rests before it begins; here for a moment only.
    while ((await app.call('load.get', { loadId: loaded.value.loadId })).keptBytes === undefined) await sleep(100);
  });
  say('made small', `${made.seconds}, ${compact.stop()} MiB at most`);
  await sayKept('what it keeps then', folder, size, '15 %');
  if ((await digestOfOrg()) === before) throw new Error('the load changed nothing');

  const watch = new MemoryWatch(process.pid);
  const offer = await timed(() => app.call('undo.offer', { loadId: loaded.value.loadId }));
  say(
    'what can be taken back',
    `${offer.seconds}: ${offer.value.steps.map(({ what, rows }) => `${what} ${rows}`).join(', ')}`,
  );
  for (const { what } of offer.value.steps) {
    const prepared = await timed(() => app.call('undo.prepare', { loadId: loaded.value.loadId, what }));
    const { sourceId: of, choice, mapping: by } = prepared.value;
    const staged = await timed(() => app.opened(of, choice));
    let fetched = 0;
    const begun = performance.now();
    const unsubscribe = app.backend.subscribe((event) => {
      if (event.topic === 'work' && event.work.stage === 'comparing') fetched ||= performance.now() - begun;
    });
    const built = await timed(() => app.call('plan.build', { orgId, sourceId: of, mapping: by }));
    unsubscribe();
    const all = [prepared, staged, built].reduce((sum, one) => sum + Number.parseFloat(one.seconds), 0);
    say(
      `${what}: planned`,
      `${all.toFixed(1)} s, of which ${(fetched / 1000).toFixed(1)} s until the records were fetched (file ${prepared.seconds}, read ${staged.seconds}, plan ${built.seconds}): ${inWords(built.value.counts)}`,
      '15 s',
    );
    const undone = await timed(() => load(built.value));
    say(`${what}: loaded`, `${undone.seconds}: ${inWords(undone.value.counts)}`);
  }
  say('peak memory of the undo', `${watch.stop()} MiB`);
  say('the org afterwards', (await digestOfOrg()) === before ? 'equal, cell by cell' : 'NOT AS IT WAS');
} finally {
  await app.close();
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
}
