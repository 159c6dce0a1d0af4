import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import type { ResemblanceModel } from '../duplicates/default-models.ts';
import { findResembling, type Resemblance } from '../duplicates/find-resembling.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { stagingOver } from './engine-staging.ts';
import type { MadeRow } from './resembling-rows.ts';
import { tableOfRows } from './resembling-tables.ts';

const ALIAS = 'plan_0000000000000003';

/** Compares made rows with records, or with one another, in a database of their own, and lets the test ask. */
export async function withResemblance(
  { kinds, model }: { kinds: readonly ResemblanceKind[]; model: ResemblanceModel },
  rows: Iterable<readonly [string, MadeRow]>,
  records: Iterable<readonly [string, MadeRow]> | null,
  ask: (found: Resemblance) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-resemblance-'));
  const engine = await DuckDbEngine.create(folder);
  const staging = stagingOver(engine);
  try {
    await engine.createDatabase(ALIAS, join(folder, 'plan.duckdb'), { columns: 40, joinedRows: 10_000 });
    const of = (name: string, made: Iterable<readonly [string, MadeRow]>) =>
      tableOfRows(staging, { alias: ALIAS, name, kinds }, made);
    const request = {
      alias: ALIAS,
      rows: await of('file', rows),
      records: records && (await of('org', records)),
      model,
    };
    await ask(await findResembling(staging, request, new AbortController().signal, () => undefined));
  } finally {
    await engine.databases.forget(ALIAS);
    await rm(folder, { recursive: true, force: true });
  }
}
