import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import type { ComparedRelation } from '../duplicates/resemblance-work.ts';
import type { InProcessStaging } from './engine-staging.ts';
import { quoteName } from '../tables/quote.ts';
import type { MadeRow } from './resembling-rows.ts';

const AT_A_TIME = 20_000;

/** Makes a table of rows with a `key`, and says what its columns are. */
export async function tableOfRows(
  staging: InProcessStaging,
  { alias, name, kinds }: { alias: string; name: string; kinds: readonly ResemblanceKind[] },
  rows: Iterable<readonly [key: string, row: MadeRow]>,
): Promise<ComparedRelation> {
  const sql = `${quoteName(alias)}.${quoteName(name)}`;
  await staging.run(
    `CREATE OR REPLACE TABLE ${sql} (key VARCHAR, ${kinds.map((kind) => `${kind} VARCHAR`).join(', ')})`,
  );
  let page: (string | null)[][] = [];
  for (const [key, row] of rows) {
    page.push([key, ...kinds.map((kind) => row[kind] ?? null)]);
    if (page.length < AT_A_TIME) continue;
    await staging.append(alias, name, page);
    page = [];
  }
  await staging.append(alias, name, page);
  return { sql, key: 'key', columns: Object.fromEntries(kinds.map((kind) => [kind, kind])) };
}
