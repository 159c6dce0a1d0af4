import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import type { LoadPlan } from '../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../shared/domain/load-results.ts';
import { MemoryWatch } from './memory-watch.ts';
import { COLUMNS, inWords, writeTenthChanged } from './whole-job.ts';

/**
 * A load of a million rows (80 % unchanged, 10 % changed, 10 % new) and its undo: how long each step is planned and loaded, what the load
 * keeps, and that the org is afterwards as it was, cell by cell. One command, `npm run bench:undo`; `-- --rows N` for another number.
 */
const { values: flags } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const ROWS = Number(flags.rows);

const say = (what: string, value: string, bar = '–'): void =>
  void process.stdout.write(`| ${what} | ${value} | ${bar} |\n`);

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: string; value: T }> {
  const start = performance.now();
  const value = await work();
  return { seconds: `${((performance.now() - start) / 1000).toFixed(1)} s`, value };
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
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
  await writeTenthChanged(path, ROWS);
  const { size } = await stat(path);
  const { sourceId } = await app.stage(path);
  const request = { orgId, sourceId, objectName: 'Account', operation: 'upsert' as const, useSaved: false };
  const mapping = await app.call('mapping.suggest', request);
  const plan = await app.call('plan.build', { orgId, sourceId, mapping });
  const loaded = await timed(() => load(plan));
  say('the load', `${loaded.seconds}: ${inWords(loaded.value.counts)}`);
  const kept = await bytesIn(join(data, 'loads', plan.planId));
  say(
    'what the load keeps',
    `${(kept / 2 ** 20).toFixed(0)} MiB, ${((100 * kept) / size).toFixed(1)} % of the file`,
    '15 %',
  );
  if ((await digestOfOrg()) === before) throw new Error('the load changed nothing');

  const watch = new MemoryWatch(process.pid);
  const offer = await timed(() => app.call('undo.offer', { loadId: loaded.value.loadId }));
  say(
    'what can be taken back',
    `${offer.seconds}: ${offer.value.steps.map(({ what, rows }) => `${what} ${rows}`).join(', ')}`,
  );
  for (const { what } of offer.value.steps) {
    const planned = await timed(async () => {
      const prepared = await app.call('undo.prepare', { loadId: loaded.value.loadId, what });
      await app.opened(prepared.sourceId, prepared.choice);
      return app.call('plan.build', { orgId, sourceId: prepared.sourceId, mapping: prepared.mapping });
    });
    say(`${what}: planned`, `${planned.seconds}: ${inWords(planned.value.counts)}`, '15 s');
    const undone = await timed(() => load(planned.value));
    say(`${what}: loaded`, `${undone.seconds}: ${inWords(undone.value.counts)}`);
  }
  say('peak memory of the undo', `${watch.stop()} MiB`);
  say('the org afterwards', (await digestOfOrg()) === before ? 'equal, cell by cell' : 'NOT AS IT WAS');
} finally {
  await app.close();
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
}
