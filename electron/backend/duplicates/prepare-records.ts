import { doubleMetaphone } from 'double-metaphone';
import { RESEMBLANCE_KINDS, TEXT_KINDS, type ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { textOf } from '../staging/staging-functions.ts';
import { fullName } from './nicknames.ts';
import { DERIVED, normalFormsSql } from './normal-forms.ts';
import type { ComparedRelation, ResemblanceTables, ResemblanceWork } from './resemblance-work.ts';

/** Distinct words whose sound is worked out at a time. */
const WORDS_AT_A_TIME = 50_000;

/** Columns that are worked out once per distinct word, here: how it sounds, and what name it is short for. */
const OF_WORDS: readonly (readonly [column: string, word: string, found: 'sound' | 'name', of: ResemblanceKind])[] = [
  ['p_last', 'lastName', 'sound', 'lastName'],
  ['p_first', 'firstName', 'sound', 'firstName'],
  ['p_company', 'w_company', 'sound', 'company'],
  ['nick', 'firstName', 'name', 'firstName'],
];

/** Kinds of values that many records share more often than not: their forms are worked out once for all that do. */
const OFTEN_SHARED: readonly ResemblanceKind[] = [
  ...(['firstName', 'lastName', 'company', 'street', 'city', 'postalCode', 'state'] as const),
  ...TEXT_KINDS,
];
/** Of these always, for their words are looked up besides. */
const WITH_WORDS = new Set(OF_WORDS.map(([, , , of]) => of));

/** The columns of a prepared table that levels are told by. */
export const PREPARED: readonly string[] = [
  ...RESEMBLANCE_KINDS,
  ...DERIVED.map(([name]) => name),
  ...OF_WORDS.map(([name]) => name),
];

/** How a word sounds (Lawrence Philips' Double Metaphone, its first code); a word of other letters stands for itself. */
function soundOf(word: string): string {
  return doubleMetaphone(word)[0] || word;
}

interface NamedRelation {
  readonly name: string;
  readonly relation: ComparedRelation;
}

/** The forms of the values of one kind, each with what is made of it, by the value itself (`raw`). */
const formsOf = (work: ResemblanceTables, kind: ResemblanceKind): string => work.table(`forms_${kind}`);

const columnSql = ({ columns }: ComparedRelation, kind: ResemblanceKind): string =>
  `${quoteName(columns[kind] ?? '')}::VARCHAR`;

/** Columns beside the form of a kind. */
const besides = (of: ResemblanceKind) => ({
  derived: DERIVED.filter(([, kind]) => kind === of),
  words: OF_WORDS.filter(([, , , kind]) => kind === of),
});

/**
 * Makes of each relation a table of normal forms, one column a kind and those derived, under its name; `id` counts its records from 0.
 * `equal` stands for what has to be the same. Kinds that it has no column for are NULL, so that every comparison can be asked. Forms of values
 * that are shared are worked out once a value, and how names sound once a word, of all relations together.
 */
export async function prepareRecords(work: ResemblanceWork, relations: readonly NamedRelation[]): Promise<void> {
  const shared = await sharedKinds(work, relations);
  for (const kind of shared) await makeForms(work, relations, kind);
  await addSounds(work, shared);
  for (const named of relations) await prepare(work, named, new Set(shared));
  for (const kind of shared) await work.run(`DROP TABLE ${formsOf(work, kind)}`);
}

/** Kinds of which values are shared by two records or more on average. */
async function sharedKinds(work: ResemblanceWork, relations: readonly NamedRelation[]): Promise<ResemblanceKind[]> {
  const kinds = OFTEN_SHARED.filter((kind) => relations.some(({ relation }) => relation.columns[kind] !== undefined));
  const unsure = kinds.filter((kind) => !WITH_WORDS.has(kind));
  const counts = new Map<ResemblanceKind, { values: number; records: number }>();
  for (const { relation } of relations) {
    const own = unsure.filter((kind) => relation.columns[kind] !== undefined);
    const sums = own.flatMap((kind) => [
      `approx_count_distinct(${columnSql(relation, kind)}) AS v_${kind}`,
      `count(${columnSql(relation, kind)}) AS n_${kind}`,
    ]);
    if (sums.length === 0) continue;
    const [found] = await work.query(`SELECT ${sums.join(', ')} FROM ${relation.sql}`);
    for (const kind of own) {
      const before = counts.get(kind) ?? { values: 0, records: 0 };
      const [values, records] = [Number(found?.[`v_${kind}`]), Number(found?.[`n_${kind}`])];
      counts.set(kind, { values: before.values + values, records: before.records + records });
    }
  }
  return kinds.filter((kind) => {
    const { values, records } = counts.get(kind) ?? { values: 0, records: 0 };
    return WITH_WORDS.has(kind) || 2 * values <= records;
  });
}

async function makeForms(
  work: ResemblanceWork,
  relations: readonly NamedRelation[],
  kind: ResemblanceKind,
): Promise<void> {
  const values = relations
    .filter(({ relation }) => relation.columns[kind] !== undefined)
    .map(({ relation }) => `SELECT DISTINCT ${columnSql(relation, kind)} AS raw FROM ${relation.sql}`);
  const all = `SELECT DISTINCT raw, raw AS ${kind} FROM (${values.join(' UNION ALL ')}) WHERE raw IS NOT NULL`;
  const derived = besides(kind).derived.map(([name, , sql]) => `, ${sql} AS ${name}`);
  await work.run(
    `CREATE OR REPLACE TABLE ${formsOf(work, kind)} AS SELECT *${derived.join('')} FROM (${normalFormsSql([kind], ['raw'], all)})`,
  );
}

/** Adds to the forms of names how they sound, and what they are short for. */
async function addSounds(work: ResemblanceWork, shared: readonly ResemblanceKind[]): Promise<void> {
  const kinds = shared.filter((kind) => WITH_WORDS.has(kind));
  const columns = new Map(OF_WORDS.map(([, word, , of]) => [of, word]));
  await findSounds(
    work,
    kinds.map((kind) => `SELECT DISTINCT ${columns.get(kind) ?? kind} AS word FROM ${formsOf(work, kind)}`),
  );
  const sounds = work.table('sounds');
  for (const kind of kinds) {
    const [forms, heard] = [formsOf(work, kind), work.table('heard')];
    const found = besides(kind).words.map(([name, , what]) => `s.${what} AS ${name}`);
    await work.run(
      `CREATE OR REPLACE TABLE ${heard} AS SELECT f.*, ${found.join(', ')} FROM ${forms} f LEFT JOIN ${sounds} s ON s.word = f.${columns.get(kind) ?? kind};
       DROP TABLE ${forms}; ALTER TABLE ${heard} RENAME TO ${quoteName(work.bare(`forms_${kind}`))}`,
    );
  }
  await work.run(`DROP TABLE ${sounds}`);
}

async function prepare(
  work: ResemblanceWork,
  { name, relation }: NamedRelation,
  shared: ReadonlySet<ResemblanceKind>,
): Promise<void> {
  const kinds = RESEMBLANCE_KINDS.filter((kind) => relation.columns[kind] !== undefined);
  const [joined, own] = [kinds.filter((kind) => shared.has(kind)), kinds.filter((kind) => !shared.has(kind))];
  const equal = relation.equal ? `CASE WHEN ${relation.equal} IS NOT NULL THEN hash(${relation.equal}) END` : '0';
  const given = kinds.map((kind) => `${columnSql(relation, kind)} AS ${kind}`);
  const key = `${quoteName(relation.key)}::VARCHAR AS key`;
  const from = `SELECT ${[key, `${equal}::UBIGINT AS equal`, ...given].join(', ')} FROM ${relation.sql}`;
  const missing = 'NULL::VARCHAR';
  const columns = RESEMBLANCE_KINDS.flatMap((kind) => {
    const { derived, words } = besides(kind);
    const names = [...derived.map(([column]) => column), ...words.map(([column]) => column)];
    if (joined.includes(kind))
      return [`d_${kind}.${kind} AS ${kind}`, ...names.map((column) => `d_${kind}.${column} AS ${column}`)];
    if (!kinds.includes(kind))
      return [kind, ...names].map((column) => `${column === 'tokens' ? 'NULL::VARCHAR[]' : missing} AS ${column}`);
    return [`f.${kind} AS ${kind}`, ...derived.map(([column, , sql]) => `${sql} AS ${column}`)];
  });
  const joins = joined.map((kind) => `LEFT JOIN ${formsOf(work, kind)} d_${kind} ON d_${kind}.raw = f.${kind}`);
  const [table, ids] = [work.table(name), work.table('ids')];
  await work.run(
    `CREATE OR REPLACE SEQUENCE ${ids} MINVALUE 0 START 0;
     CREATE OR REPLACE TABLE ${table} AS SELECT nextval(${quoteText(ids)})::INTEGER AS id, f.key, f.equal, ${columns.join(', ')}
       FROM (${normalFormsSql(own, ['key', 'equal', ...joined], from)}) f ${joins.join(' ')};
     DROP SEQUENCE ${ids}`,
  );
}

/** Leaves in `sounds` how each distinct word that queries give sounds, and what name it is short for. */
async function findSounds(work: ResemblanceWork, queries: readonly string[]): Promise<void> {
  const [words, sounds] = [work.table('words'), work.table('sounds')];
  const all = queries.length > 0 ? queries.join(' UNION ALL ') : 'SELECT NULL::VARCHAR AS word';
  await work.run(
    `CREATE OR REPLACE TABLE ${words} AS SELECT (row_number() OVER ())::INTEGER AS n, word
       FROM (SELECT DISTINCT word FROM (${all}) WHERE word IS NOT NULL);
     CREATE OR REPLACE TABLE ${sounds} (word VARCHAR, sound VARCHAR, name VARCHAR)`,
  );
  for (let after = 0; ; after += WORDS_AT_A_TIME) {
    const page = await work.query(`SELECT word FROM ${words} WHERE n > ${after} AND n <= ${after + WORDS_AT_A_TIME}`);
    if (page.length === 0) break;
    const found = page.map((row) => textOf(row, 'word'));
    await work.append(
      'sounds',
      found.map((word) => [word, soundOf(word), fullName(word)]),
    );
  }
  await work.run(`DROP TABLE ${words}`);
}
