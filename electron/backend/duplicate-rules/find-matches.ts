import { NAME_VARIANTS } from '../../../shared/domain/name-variants.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { keysSql } from './key-sql.ts';
import { isStandardPersonRule, type MatchingRule } from './matching-rule.ts';
import { pairColumns, preparedColumns, scoreSql, THRESHOLDS, type Columns, type Named } from './method-sql.ts';
import { folded, soundOf, trimmed } from './value-sql.ts';

/** Rows of the file, or records of the org. */
export interface Side {
  /** A table or a query in brackets. */
  readonly relation: string;
  /** SQL of what a row is known by, unique in the relation. */
  readonly key: string;
  /** SQL of the record it is, null for one that is not there yet: nothing is a duplicate of itself. */
  readonly recordId: string;
  /**
   * SQL of a field's value as text in its canonical form, null where the relation has none. A reference that is compared as a
   * company's name is that of the record it leads to.
   */
  readonly value: (field: string) => string | null;
}

export interface MatchRequest {
  readonly rule: MatchingRule;
  readonly rows: Side;
  readonly records: Side;
  /** The name of the table that is made: `row`, `record` and `score`, 0 to 100. */
  readonly into: string;
  /** A table of the database by its name, as SQL. */
  readonly named: (table: string) => string;
  /** Pairs that may be compared at most; a rule whose keys give more is not asked. */
  readonly maxPairs: number;
}

const itemColumns =
  (place: number, alias = ''): Named =>
  (part) =>
    `${alias}i${place}_${part}`;

/** Group numbers by name; names of several groups have them all. */
const VARIANT_ROWS = [
  ...NAME_VARIANTS.reduce<Map<string, number[]>>((groups, names, group) => {
    for (const name of names) groups.set(name, [...(groups.get(name) ?? []), group]);
    return groups;
  }, new Map()),
].map(([name, groups]) => `('${name}', [${groups.join(', ')}])`);

/** A side of which some rows are looked at, as they stand or with first and last name in each other's place. */
interface Look {
  readonly side: Side;
  readonly swap: boolean;
  /** SQL that gives the keys of those rows; null for all. */
  readonly only: string | null;
}

/** Places of the items whose values are names, and are compared by how they sound. */
function namePlaces({ items }: MatchingRule): number[] {
  return items.flatMap(({ method }, place) => (method === 'FirstName' || method === 'LastName' ? [place] : []));
}

/** Leaves in `sounds` how each name of both sides sounds, worked out once a name: it takes some twenty patterns. */
function soundsSql(rule: MatchingRule, sides: readonly Side[], sounds: string): string {
  const names = sides.flatMap((side) =>
    namePlaces(rule).flatMap((place) => {
      const value = side.value(rule.items[place]?.field ?? '');
      return value === null ? [] : [`SELECT DISTINCT ${folded(trimmed(value))} AS name FROM ${side.relation} AS side`];
    }),
  );
  const all = names.length > 0 ? names.join(' UNION ') : "SELECT '' AS name";
  return `CREATE OR REPLACE TABLE ${sounds} AS SELECT name, ${soundOf('name')} AS sound FROM (${all})`;
}

/** A query with more columns, those of a layer by those of the layers before it: in one query a column would be worked out as often as it is named. */
const layered = (query: string, layers: readonly Columns[]): string =>
  layers
    .filter((columns) => columns.length > 0)
    .reduce(
      (inner, columns) => `SELECT *, ${columns.map(([name, sql]) => `${sql} AS ${name}`).join(',\n')} FROM (${inner})`,
      query,
    );

/**
 * Everything that is worked out once a record: folded texts, their parts, the match keys as `shared`. What a query above doesn't
 * ask for is not worked out.
 */
function preparedSql(rule: MatchingRule, { side, swap, only }: Look, sounds: string): string {
  const first = rule.items.findIndex(({ method }) => method === 'FirstName');
  const last = rule.items.findIndex(({ method }) => method === 'LastName');
  const source = (place: number): string => {
    const from = swap ? ({ [first]: last, [last]: first }[place] ?? place) : place;
    const sql = side.value(rule.items[from]?.field ?? '');
    return sql === null ? "''" : trimmed(sql);
  };
  const of = (part: string) => rule.items.map((_, place) => itemColumns(place)(part));
  const values = of('value').map((name, place) => `${source(place)} AS ${name}`);
  const given = `SELECT ${[`${side.key} AS key`, `${side.recordId}::VARCHAR AS record_id`, `${String(swap)} AS swapped`, ...values].join(', ')}
    FROM ${side.relation} AS side ${only === null ? '' : `WHERE ${side.key} IN (${only})`}`;
  const named = swap ? [first, last].map((place) => `${itemColumns(place)('value')} <> ''`) : [];
  const open = named.length > 0 ? `SELECT * FROM (${given}) WHERE ${named.join(' AND ')}` : given;
  const folds = of('folded').map((name, place) => [name, folded(itemColumns(place)('value'))] as const);
  const plain = of('plain').map(
    (name, place) => [name, `regexp_full_match(${itemColumns(place)('folded')}, '[\\x00-\\x7f]*')`] as const,
  );
  const steps = rule.items.map(({ method }, place) => preparedColumns(method, itemColumns(place)));
  const deepest = Math.max(0, ...steps.map((columns) => columns.length));
  const layers = Array.from({ length: deepest }, (_, depth) =>
    steps.flatMap((columns) => columns.slice(depth, depth + 1)),
  );
  const heard = namePlaces(rule);
  const joins = heard.map(
    (place) => `LEFT JOIN ${sounds} s${place} ON s${place}.name = f.${itemColumns(place)('folded')}`,
  );
  const sounding = ['f.*', ...heard.map((place) => `s${place}.sound AS ${itemColumns(place)('sound')}`)];
  const known = `SELECT ${sounding.join(', ')} FROM (${layered(open, [folds])}) f ${joins.join(' ')}`;
  return layered(known, [plain, ...layers, [['shared', keysSql(rule, (place) => itemColumns(place))]]]);
}

/** The standard rules for people look at every row a second time, with its names in each other's place. */
function looksAt(rule: MatchingRule, side: Side, only: string | null): Look[] {
  const straight = { side, swap: false, only };
  return isStandardPersonRule(rule) ? [straight, { ...straight, swap: true }] : [straight];
}

const together = (queries: readonly string[]): string =>
  queries.map((query) => `(${query})`).join(' UNION ALL BY NAME ');

/** Adds the groups of names that a first name is a variant in. */
function withVariants(rule: MatchingRule, sql: string): string {
  const names = rule.items.flatMap(({ method }, place) => (method === 'FirstName' ? [place] : []));
  if (names.length === 0) return sql;
  const joins = names.map(
    (place) => `LEFT JOIN variants v${place} ON v${place}.name = p.${itemColumns(place)('folded')}`,
  );
  const columns = names.map((place) => `coalesce(v${place}.groups, []) AS ${itemColumns(place)('variants')}`);
  return `WITH variants(name, groups) AS (VALUES ${VARIANT_ROWS.join(', ')})
    SELECT p.*, ${columns.join(', ')} FROM (${sql}) p ${joins.join(' ')}`;
}

/** The score of an item of a pair: blanks match nothing, or a blank where the rule says so. */
function itemScore(rule: MatchingRule, place: number): string {
  const item = rule.items[place];
  const [a, b, own] = [itemColumns(place, 'a.'), itemColumns(place, 'b.'), itemColumns(place)];
  const blank = `${a('value')} = '' OR ${b('value')} = ''`;
  const blanks = item?.matchBlanks ? `CASE WHEN ${a('value')} = ${b('value')} THEN 100 ELSE 0 END` : '0';
  return `CASE WHEN ${blank} THEN ${blanks} ELSE ${scoreSql(item?.method ?? 'Exact', a, b, own)} END`;
}

/** The mean score of the items of a way that all match, else 0. */
function wayScore(rule: MatchingRule, way: readonly number[]): string {
  const withEmail = isStandardPersonRule(rule) && way.some((place) => rule.items[place]?.field === 'Email');
  const parts = way.map((place) => {
    const method = rule.items[place]?.method ?? 'Exact';
    const score = itemColumns(place)('score');
    const ignorable = withEmail && (method === 'FirstName' || method === 'LastName');
    const ignored = ignorable ? itemColumns(place)('blank') : 'false';
    return { matches: `(${ignored} OR ${score} >= ${THRESHOLDS[method]})`, score, ignored };
  });
  const sum = parts.map(({ score, ignored }) => `CASE WHEN ${ignored} THEN 0 ELSE ${score} END`).join(' + ');
  const count = parts.map(({ ignored }) => `CASE WHEN ${ignored} THEN 0 ELSE 1 END`).join(' + ');
  const all = parts.map(({ matches }) => matches).join(' AND ');
  return `CASE WHEN ${all} AND (${count}) > 0 THEN floor((${sum}) / (${count}) + 0.5) ELSE 0 END`;
}

/** Pairs of a row and a record, as `a` and `b`, that share a key, with the score of the best way in which they match. */
function scoredSql(rule: MatchingRule, met: string, rows: string, records: string): string {
  const columns = rule.items.flatMap(({ method }, place) => {
    const [a, b, own] = [itemColumns(place, 'a.'), itemColumns(place, 'b.'), itemColumns(place)];
    return [
      ...pairColumns(method, a, b, own),
      [own('score'), itemScore(rule, place)],
      [own('blank'), `${a('value')} = '' OR ${b('value')} = ''`],
    ] as const;
  });
  const list = columns.map(([name, sql]) => `${sql} AS ${name}`).join(',\n');
  const best = rule.ways.map((way) => wayScore(rule, way)).join(', ');
  return `SELECT "row", record, max(greatest(0, ${best}))::INTEGER AS score FROM (
      SELECT a.key AS "row", b.key AS record, ${list}
      FROM ${met} met JOIN ${rows} a ON a.key = met.a JOIN ${records} b ON b.key = met.b) pairs
    GROUP BY ALL HAVING score > 0`;
}

/**
 * Leaves in the table `into` which records a matching rule finds for which rows, by Salesforce's methods and match keys in SQL.
 * Keys are made of everything, the rest only of what shares one. Gives how many pairs the keys make; where those are more than
 * `maxPairs` nothing is compared, and the table is empty.
 */
export async function findRuleMatches(
  sql: StagingSql,
  { rule, rows, records, into, named, maxPairs }: MatchRequest,
): Promise<{ pairs: number; compared: boolean }> {
  const scratch = ['met', 'row_keys', 'record_keys', 'rows', 'records', 'sounds'].map((part) =>
    named(`${into}_${part}`),
  );
  const [met = '', rowKeys = '', recordKeys = '', ours = '', theirs = '', sounds = ''] = scratch;
  const keys = (looks: readonly Look[]): string =>
    `SELECT key, record_id, unnest(shared) AS shared FROM (${together(looks.map((look) => `SELECT key, record_id, shared FROM (${preparedSql(rule, look, sounds)})`))})`;
  await sql.run(
    `${soundsSql(rule, [rows, records], sounds)};
     CREATE OR REPLACE TABLE ${rowKeys} AS ${keys(looksAt(rule, rows, null))};
     CREATE OR REPLACE TABLE ${recordKeys} AS SELECT * FROM (${keys([{ side: records, swap: false, only: null }])})
       WHERE shared IN (SELECT shared FROM ${rowKeys})`,
  );
  const counted = (table: string): string => `(SELECT shared, count(*) AS n FROM ${table} GROUP BY 1)`;
  const [count] = await sql.query(
    `SELECT coalesce(sum(a.n * b.n), 0)::DOUBLE AS pairs FROM ${counted(rowKeys)} a JOIN ${counted(recordKeys)} b USING (shared)`,
  );
  const pairs = Number(count?.['pairs'] ?? 0);
  const compared = pairs <= maxPairs;
  const prepared = (looks: readonly Look[]): string =>
    together(looks.map((look) => withVariants(rule, preparedSql(rule, look, sounds))));
  await sql.run(
    `CREATE OR REPLACE TABLE ${met} AS SELECT DISTINCT a.key AS a, b.key AS b FROM ${rowKeys} a
       JOIN ${recordKeys} b ON a.shared = b.shared AND (a.record_id = b.record_id) IS NOT TRUE ${compared ? '' : 'LIMIT 0'};
     CREATE OR REPLACE TABLE ${ours} AS ${prepared(looksAt(rule, rows, `SELECT a FROM ${met}`))};
     CREATE OR REPLACE TABLE ${theirs} AS ${prepared([{ side: records, swap: false, only: `SELECT b FROM ${met}` }])};
     CREATE OR REPLACE TABLE ${named(into)} AS ${scoredSql(rule, met, ours, theirs)};
     ${scratch.map((table) => `DROP TABLE ${table}`).join('; ')}`,
  );
  return { pairs, compared };
}
