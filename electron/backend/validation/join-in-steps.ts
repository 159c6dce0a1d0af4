import type { StagingSql } from '../staging/staging-client.ts';
import { tablesOf } from '../tables/tables.ts';

/** A dictionary to be joined to rows named `s`: as `name`, with its columns `api` and `canonical`. */
export interface DictionaryJoin {
  readonly name: string;
  readonly table: string;
  readonly on: string;
}

/**
 * Dictionaries joined in one statement. Each takes about 7 MB however small it is, because DuckDB divides what it looks up
 * into 16 parts of whole blocks before it knows how much there is: 18 of them are more than the engine may take.
 */
const AT_ONCE = 10;

/**
 * Rows that could be read with every dictionary joined to them, as `FROM … s … WHERE …`; `wanted` is a further condition on `s`. Where there are many, the first ones are looked
 * up beforehand, into a table of rows in which each is a column of the same name: so `name.api` says the same either way.
 */
export async function joinInSteps(
  staging: StagingSql,
  alias: string,
  dictionaries: readonly DictionaryJoin[],
  wanted = 'true',
): Promise<{ from: string; done: () => Promise<void> }> {
  const { staged, named } = tablesOf(alias);
  const made: string[] = [];
  const where = `WHERE s.problem IS NULL AND ${wanted}`;
  let rows = staged;
  let next = 0;
  for (; dictionaries.length - next > AT_ONCE; next += AT_ONCE) {
    const some = dictionaries.slice(next, next + AT_ONCE);
    const found = some.map(({ name }) => `CASE WHEN ${name}.raw IS NOT NULL THEN ${name} END AS ${name}`);
    const table = named(`looked_up_${made.length}`);
    await staging.run(
      `CREATE OR REPLACE TABLE ${table} AS SELECT s.*, ${found.join(', ')} FROM ${rows} s ${joinsOf(some)} ${where}`,
    );
    made.push(table);
    rows = table;
  }
  return {
    from: `FROM ${rows} s ${joinsOf(dictionaries.slice(next))} ${where}`,
    done: () => staging.run(made.map((table) => `DROP TABLE IF EXISTS ${table}`).join('; ')),
  };
}

export function joinsOf(dictionaries: readonly DictionaryJoin[]): string {
  return dictionaries.map(({ name, table, on }) => `LEFT JOIN ${table} ${name} ON ${on}`).join(' ');
}
