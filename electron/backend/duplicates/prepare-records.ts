import { doubleMetaphone } from 'double-metaphone';
import { RESEMBLANCE_KINDS } from '../../../shared/domain/resemblance.ts';
import { quoteName } from '../tables/quote.ts';
import { textOf } from '../staging/staging-functions.ts';
import { fullName } from './nicknames.ts';
import { DERIVED, normalFormsSql } from './normal-forms.ts';
import type { ComparedRelation, ResemblanceTables, ResemblanceWork } from './resemblance-work.ts';

/** Distinct words whose sound is worked out at a time. */
const WORDS_AT_A_TIME = 50_000;

/** Columns that are worked out once per distinct word, here: how it sounds, and what name it is short for. */
const OF_WORDS: readonly (readonly [column: string, word: string, found: 'sound' | 'name'])[] = [
  ['p_last', 'lastName', 'sound'],
  ['p_first', 'firstName', 'sound'],
  ['p_company', 'w_company', 'sound'],
  ['nick', 'firstName', 'name'],
];

/** The columns of a prepared table that levels are told by. */
export const PREPARED: readonly string[] = [
  ...RESEMBLANCE_KINDS,
  'w_company',
  ...DERIVED.map(([name]) => name),
  ...OF_WORDS.map(([name]) => name),
];

/** How a word sounds (Lawrence Philips' Double Metaphone, its first code); a word of other letters stands for itself. */
function soundOf(word: string): string {
  return doubleMetaphone(word)[0] || word;
}

/** Normal forms of a relation before they are a prepared table. */
const formsOf = (work: ResemblanceTables, name: string): string => work.table(`${name}_forms`);

/**
 * Makes of each relation a table of normal forms, one column a kind and those derived, under its name; `id` counts its records from 0.
 * `equal` stands for what has to be the same. Kinds that it has no column for are NULL, so that every comparison can be asked. How names sound
 * is worked out once per distinct word of them all.
 */
export async function prepareRecords(
  work: ResemblanceWork,
  relations: readonly { readonly name: string; readonly relation: ComparedRelation }[],
): Promise<void> {
  for (const { name, relation } of relations) {
    const equal = relation.equal ? `CASE WHEN ${relation.equal} IS NOT NULL THEN hash(${relation.equal}) END` : '0';
    const kinds = RESEMBLANCE_KINDS.filter((kind) => relation.columns[kind] !== undefined);
    const given = kinds.map((kind) => `${quoteName(relation.columns[kind] ?? '')}::VARCHAR AS ${kind}`);
    const from = `SELECT ${[`${quoteName(relation.key)}::VARCHAR AS key`, `${equal}::UBIGINT AS equal`, ...given].join(', ')} FROM ${relation.sql}`;
    const missing = RESEMBLANCE_KINDS.filter((kind) => !kinds.includes(kind)).map((kind) => `NULL::VARCHAR AS ${kind}`);
    await work.run(
      `CREATE OR REPLACE TABLE ${formsOf(work, name)} AS
       SELECT *, split_part(company, ' ', 1) AS w_company FROM (
         SELECT ${['*', ...missing].join(', ')} FROM (${normalFormsSql(kinds, ['key', 'equal'], from)}))`,
    );
  }
  await findSounds(
    work,
    relations.map(({ name }) => formsOf(work, name)),
  );
  const [sounds, derived] = [work.table('sounds'), DERIVED.map(([column, sql]) => `${sql} AS ${column}`)];
  const joins = OF_WORDS.map(([column, word]) => `LEFT JOIN ${sounds} ${column} ON ${column}.word = f.${word}`);
  const found = OF_WORDS.map(([column, , what]) => `${column}.${what} AS ${column}`);
  for (const { name } of relations) {
    const forms = formsOf(work, name);
    await work.run(
      `CREATE OR REPLACE TABLE ${work.table(name)} AS
         SELECT f.rowid::INTEGER AS id, f.*, ${[...derived, ...found].join(', ')} FROM ${forms} f ${joins.join(' ')};
       DROP TABLE ${forms}`,
    );
  }
  await work.run(`DROP TABLE ${sounds}`);
}

/** Leaves in `sounds` how each distinct word of some tables sounds, and what name it is short for. */
async function findSounds(work: ResemblanceWork, tables: readonly string[]): Promise<void> {
  const [words, sounds] = [work.table('words'), work.table('sounds')];
  const columns = [...new Set(OF_WORDS.map(([, word]) => word))];
  const all = tables.flatMap((table) => columns.map((word) => `SELECT DISTINCT ${word} AS word FROM ${table}`));
  await work.run(
    `CREATE OR REPLACE TABLE ${words} AS SELECT (row_number() OVER ())::INTEGER AS n, word
       FROM (SELECT DISTINCT word FROM (${all.join(' UNION ALL ')}) WHERE word IS NOT NULL);
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
