import { doubleMetaphone } from 'double-metaphone';
import { RESEMBLANCE_KINDS } from '../../../shared/domain/resemblance.ts';
import { quoteName } from '../tables/quote.ts';
import { textOf } from '../staging/staging-functions.ts';
import { fullName } from './nicknames.ts';
import { DERIVED, normalFormSql } from './normal-forms.ts';
import type { ComparedRelation, ResemblanceWork } from './resemblance-work.ts';

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
  ...DERIVED.map(([name]) => name),
  ...OF_WORDS.map(([name]) => name),
];

/** How a word sounds (Lawrence Philips' Double Metaphone, its first code); a word of other letters stands for itself. */
function soundOf(word: string): string {
  return doubleMetaphone(word)[0] || word;
}

/**
 * Makes of a relation a table of normal forms, one column a kind and those derived, in `name`; `id` counts its records from 0.
 * `equal` stands for what has to be the same. Kinds that it has no column for are NULL, so that every comparison can be asked.
 */
export async function prepareRecords(work: ResemblanceWork, relation: ComparedRelation, name: string): Promise<void> {
  const forms = RESEMBLANCE_KINDS.map((kind) => {
    const column = relation.columns[kind];
    const sql = column === undefined ? 'NULL::VARCHAR' : normalFormSql(kind, quoteName(column));
    return `${sql} AS ${kind}`;
  });
  const equal = relation.equal ? `CASE WHEN ${relation.equal} IS NOT NULL THEN hash(${relation.equal}) END` : '0';
  const derived = DERIVED.map(([column, sql]) => `${sql} AS ${column}`);
  await work.run(
    `CREATE OR REPLACE TABLE ${work.table(name)} AS
     SELECT (row_number() OVER () - 1)::INTEGER AS id, *, ${derived.join(', ')}
     FROM (SELECT ${quoteName(relation.key)}::VARCHAR AS key, ${equal}::UBIGINT AS equal, ${forms.join(', ')} FROM ${relation.sql})`,
  );
}

/** Works out how names sound, once per distinct word of all the tables, and adds it to each. */
export async function addSounds(work: ResemblanceWork, names: readonly string[]): Promise<void> {
  const [words, sounds] = [work.table('words'), work.table('sounds')];
  const all = names.flatMap((name) => OF_WORDS.map(([, word]) => `SELECT ${word} AS word FROM ${work.table(name)}`));
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
  for (const name of names) {
    const joins = OF_WORDS.map(([column, word]) => `LEFT JOIN ${sounds} ${column} ON ${column}.word = t.${word}`);
    const columns = OF_WORDS.map(([column, , what]) => `${column}.${what} AS ${column}`);
    await work.run(
      `CREATE OR REPLACE TABLE ${work.table(`sounding`)} AS SELECT t.*, ${columns.join(', ')} FROM ${work.table(name)} t ${joins.join(' ')};
       DROP TABLE ${work.table(name)};
       ALTER TABLE ${work.table('sounding')} RENAME TO ${quoteName(work.bare(name))}`,
    );
  }
  await work.run(`DROP TABLE ${words}; DROP TABLE ${sounds}`);
}
