import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_MODELS, type ResemblanceModel } from '../electron/backend/duplicates/default-models.ts';
import { findResembling, type Resemblance } from '../electron/backend/duplicates/find-resembling.ts';
import type { ComparedRelation } from '../electron/backend/duplicates/resemblance-work.ts';
import { DuckDbEngine } from '../electron/backend/staging/duckdb-engine.ts';
import { stagingOver, type InProcessStaging } from '../electron/backend/test-support/engine-staging.ts';
import { febrlPair, FEBRL_KINDS } from '../electron/backend/test-support/febrl-rows.ts';
import { madeFile, MADE_KINDS, type MadeKind, type MadeRow } from '../electron/backend/test-support/resembling-rows.ts';
import { tableOfRows } from '../electron/backend/test-support/resembling-tables.ts';
import type { ResemblanceKind } from '../shared/domain/resemblance.ts';
import { MemoryWatch } from './memory-watch.ts';

/**
 * How well and how fast rows that resemble records are found with the default models, on made data: the seeds below 100 were tuned on, those from
 * 900 on are only scored. One command, `npm run bench:duplicates`; `-- --rows N --records N` for the last part, `-- --quality` without it.
 */
const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    records: { type: 'string', default: '1000000' },
    quality: { type: 'boolean', default: false },
    speed: { type: 'boolean', default: false },
  },
});
const ALIAS = 'plan_0000000000000001';
const say = (text: string): void => void process.stdout.write(`${text}\n`);

type Rows = Iterable<readonly [string, MadeRow]>;

interface Compared {
  readonly found: Resemblance;
  readonly seconds: number;
  readonly peak: number;
  readonly stages: string;
}

/** Runs a comparison in a database of its own, and what is asked of it. */
async function compared<T>(
  {
    kinds,
    model,
    rows,
    records,
  }: { kinds: readonly ResemblanceKind[]; model: ResemblanceModel; rows: Rows; records: Rows },
  joinedRows: number,
  ask: (compared: Compared) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-duplicates-'));
  const engine = await DuckDbEngine.create(folder);
  const staging: InProcessStaging = stagingOver(engine);
  try {
    await engine.createDatabase(ALIAS, join(folder, 'plan.duckdb'), { columns: 40, joinedRows });
    const of = (name: string, made: Rows): Promise<ComparedRelation> =>
      tableOfRows(staging, { alias: ALIAS, name, kinds }, made);
    const request = { alias: ALIAS, rows: await of('file', rows), records: await of('org', records), model };
    const watch = new MemoryWatch(process.pid);
    const start = performance.now();
    const began = new Map<string, number>();
    const found = await findResembling(staging, request, new AbortController().signal, ({ stage }) => {
      if (!began.has(stage)) began.set(stage, performance.now() - start);
    });
    const seconds = (performance.now() - start) / 1000;
    const stages = [...began].map(([stage, at]) => `${stage} from ${(at / 1000).toFixed(1)} s`).join(', ');
    return await ask({ found, seconds, peak: watch.stop(), stages });
  } finally {
    await engine.databases.forget(ALIAS);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Rows and records of one key are the same; the others are not. */
async function quality({ work, sides, threshold }: Resemblance, again: number) {
  const [counts] = await work.query(
    `SELECT count(*) AS found, count(*) FILTER (l.key = r.key) AS hits FROM ${work.table('pairs')} p
     JOIN ${work.table(sides.left)} l ON l.id = p.l JOIN ${work.table(sides.right)} r ON r.id = p.r WHERE weight >= ${threshold}`,
  );
  const [found, hits] = [Number(counts?.['found']), Number(counts?.['hits'])];
  const [precision, recall] = [hits / found, hits / again];
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}

async function made(kind: MadeKind, seed: number, share: number, rows: number, records: number): Promise<void> {
  const { again, ...data } = madeFile(kind, { seed, records, rows, share });
  await compared(
    { kinds: MADE_KINDS[kind], model: DEFAULT_MODELS[kind], ...data },
    records,
    async ({ found, seconds, peak, stages }) => {
      const { precision, recall } = await quality(found, again);
      const capped = found.capped.map(
        ({ rule, blocks, pairs, lookedAt }) => `${rule}: ${blocks} blocks, ${lookedAt} of ${pairs} pairs`,
      );
      say(
        `${kind}, seed ${seed}, ${rows} rows with ${share * 100} % again, ${records} records: precision ${precision.toFixed(4)} (bar 0.98), recall ${recall.toFixed(4)} (bar 0.95); ${seconds.toFixed(1)} s, peak ${peak} MiB${capped.length > 0 ? `; capped: ${capped.join('; ')}` : ''}`,
      );
      if (seconds > 20) say(`  ${stages}`);
    },
  );
}

async function febrl(name: string, bar: number, without: readonly ResemblanceKind[]): Promise<void> {
  const kinds = FEBRL_KINDS.filter((kind) => !without.includes(kind));
  const { originals, duplicates } = febrlPair(901, 5000);
  const data = { kinds, model: DEFAULT_MODELS.PersonAccount, rows: duplicates, records: originals };
  await compared(data, 5000, async ({ found, seconds }) => {
    const { precision, recall, f1 } = await quality(found, 5000);
    say(
      `FEBRL-style 5,000 × 5,000, ${name}: F1 ${f1.toFixed(4)} (bar ${bar}), precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}; ${seconds.toFixed(1)} s`,
    );
  });
}

say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`);
if (!flags.speed) {
  for (const kind of ['Account', 'Contact'] as const)
    for (const [seed, share] of [
      [901, 0.01],
      [902, 0.05],
      [903, 0.1],
    ] as const)
      await made(kind, seed, share, 10_000, 20_000);
  await febrl('all fields', 0.999, []);
  await febrl('without the number', 0.997, ['identifier']);
  await febrl('name and address only', 0.98, ['identifier', 'birthDate']);
}
if (!flags.quality) await made('Contact', 904, 0.05, Number(flags.rows), Number(flags.records));
