import type { StagingSql } from '../staging/staging-client.ts';
import { createTable, tablesOf, type TableShape } from '../tables/tables.ts';

/** A dictionary to be joined to rows named `s`: as `name`, with its columns `raw`, `api` and `canonical`. */
export interface DictionaryJoin {
  readonly name: string;
  readonly table: string;
  readonly on: string;
}

/** Cells that are selected of a row, `names` in their order, and the dictionary that they are looked up in. */
export interface JoinedCells {
  readonly names: readonly string[];
  readonly dictionary: DictionaryJoin;
  /** As SQL; where the dictionary is empty it is not joined, and a cell stands for itself. */
  readonly selects: (isJoined: boolean) => readonly string[];
}

/**
 * Dictionaries joined in one statement. Each takes about 7 MB however small it is, because DuckDB divides what it looks up
 * into 16 parts of whole blocks before it knows how much there is: 18 of them are more than the engine may take.
 */
export const AT_ONCE = 10;
/** Columns of a file that are carried along where dictionaries are joined in several steps. */
const CARRIED = 40;
/** Empty dictionaries are found by so many to a statement. */
const COUNTED = 50;

/** What is joined: of these tables, with this said of the rows `s`. */
interface Joined {
  readonly staging: StagingSql;
  readonly alias: string;
  readonly where: string;
}

/**
 * Fills a table of `row_number` and cells, with every dictionary looked up, from the rows that could be read; `wanted` is a further
 * condition on `s`. Nothing is as large as all of them: few dictionaries are joined as rows pass by, more of them in steps, and of wide
 * files a few columns at a time, which are put beside one another at the end.
 */
export async function fillJoined(
  staging: StagingSql,
  alias: string,
  into: { readonly table: string; readonly shape: TableShape },
  cells: readonly JoinedCells[],
  wanted = 'true',
): Promise<void> {
  const joined: Joined = { staging, alias, where: `WHERE s.problem IS NULL AND ${wanted}` };
  const filled = await filledOf(staging, cells);
  await staging.run(createTable(into.table, into.shape));
  if (filled.size > AT_ONCE && cells.length > CARRIED) return fillBeside(joined, into.table, cells, filled);
  const dictionaries = cells.filter((one) => filled.has(one)).map(({ dictionary }) => dictionary);
  const { from, done } = await joinInSteps(joined, dictionaries);
  await staging.run(`INSERT INTO ${into.table} SELECT s.row_number, ${selectsOf(cells, filled)} ${from}`);
  await done();
}

function selectsOf(cells: readonly JoinedCells[], filled: ReadonlySet<JoinedCells>): string {
  return cells
    .flatMap((one) => {
      const selects = one.selects(filled.has(one));
      return one.names.map((name, at) => `${selects[at] ?? "''"} AS ${name}`);
    })
    .join(', ');
}

/** Cells whose dictionary has anything in it: most text stands for itself. */
export async function filledOf(
  staging: Pick<StagingSql, 'query'>,
  cells: readonly JoinedCells[],
): Promise<Set<JoinedCells>> {
  const filled = new Set<JoinedCells>();
  for (let from = 0; from < cells.length; from += COUNTED) {
    const some = cells.slice(from, from + COUNTED);
    const counts = some.map(({ dictionary }, at) => `SELECT ${at} AS place, count(*) AS n FROM ${dictionary.table}`);
    for (const row of await staging.query(counts.join(' UNION ALL '))) {
      const one = some[Number(row['place'])];
      if (one && Number(row['n']) > 0) filled.add(one);
    }
  }
  return filled;
}

/**
 * Looks up a few columns at a time, into tables whose rows lie in the order of their numbers, and reads these side by side: a join by
 * place keeps nothing. Were one of them in another order, the statement would fail.
 */
async function fillBeside(
  { staging, alias, where }: Joined,
  into: string,
  cells: readonly JoinedCells[],
  filled: ReadonlySet<JoinedCells>,
): Promise<void> {
  const { named, staged } = tablesOf(alias);
  const made: string[] = [];
  try {
    for (let from = 0; from < cells.length; from += AT_ONCE) {
      const some = cells.slice(from, from + AT_ONCE);
      const joins = joinsOf(some.filter((one) => filled.has(one)).map(({ dictionary }) => dictionary));
      const table = named(`beside_${made.length}`);
      made.push(table);
      await staging.runInOrder(
        `CREATE OR REPLACE TABLE ${table} AS SELECT s.row_number, ${selectsOf(some, filled)} FROM ${staged} s ${joins} ${where} ORDER BY s.row_number`,
      );
    }
    const isOther = made.slice(1).map((_, at) => `b0.row_number IS DISTINCT FROM b${at + 1}.row_number`);
    const names = cells.flatMap((one) => one.names);
    await staging.run(
      `INSERT INTO ${into} SELECT CASE WHEN ${isOther.join(' OR ')} THEN error('rows that were put side by side are others') ELSE b0.row_number END,
       ${names.join(', ')} FROM ${made.map((table, at) => `${table} b${at}`).join(' POSITIONAL JOIN ')}`,
    );
  } finally {
    await staging.run(made.map((table) => `DROP TABLE IF EXISTS ${table}`).join('; '));
  }
}

/**
 * Rows that could be read with every dictionary joined to them, as `FROM … s … WHERE …`. Where there are many, the first ones are looked
 * up beforehand, into a table of rows in which each is a column of the same name: so `name.api` says the same either way.
 */
async function joinInSteps(
  { staging, alias, where }: Joined,
  dictionaries: readonly DictionaryJoin[],
): Promise<{ from: string; done: () => Promise<void> }> {
  const { staged, named } = tablesOf(alias);
  const made: string[] = [];
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
    done: async () => {
      if (made.length > 0) await staging.run(made.map((table) => `DROP TABLE IF EXISTS ${table}`).join('; '));
    },
  };
}

export function joinsOf(dictionaries: readonly DictionaryJoin[]): string {
  return dictionaries.map(({ name, table, on }) => `LEFT JOIN ${table} ${name} ON ${on}`).join(' ');
}
