import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { RepeatChoice } from '../../../shared/domain/repeated-rows.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import type { CheckInput } from './rule-field.ts';

/** Groups written into one statement. */
const AT_ONCE = 100;

/** What holds of single groups: decisions that were made of this source's rows. Two rows of one match value can't both be sent but as inserts. */
export function choicesOf({ source, mapping }: Pick<CheckInput, 'source' | 'mapping'>): RepeatChoice[] {
  const { repeatChoices, operation } = mapping;
  if (repeatChoices?.source !== source.digest) return [];
  return repeatChoices.groups.filter(({ keep }) => keep !== 'all' || operation === 'insert');
}

/** Whether rows are merged into others, by the rule or by what was decided of a group. */
export function mergesRepeated({ duplicateKeys, repeatChoices }: FieldMapping): boolean {
  return duplicateKeys === 'merge' || (repeatChoices?.groups.some(({ keep }) => keep === 'merge') ?? false);
}

/**
 * Makes `chosen` of the groups in `several` that something was decided of: `first_row`, and `keep` as it was decided. A group that has other
 * rows by now is not among them.
 */
export async function matchChoices(
  staging: StagingSql,
  choices: readonly RepeatChoice[],
  several: string,
  chosen: string,
): Promise<void> {
  await staging.run(`CREATE OR REPLACE TABLE ${chosen} (first_row INTEGER, keep VARCHAR)`);
  for (let at = 0; at < choices.length; at += AT_ONCE) {
    const some = choices.slice(at, at + AT_ONCE).map(({ rows, keep }) => {
      const members = [...rows].sort((one, other) => one - other);
      return `(${members[0] ?? 0}, [${members.join(', ')}], ${quoteText(String(keep))})`;
    });
    await staging.run(
      `INSERT INTO ${chosen} SELECT g.first_row, c.keep FROM (VALUES ${some.join(', ')}) c(first_row, members, keep)
       JOIN (SELECT first_row, list_sort(array_agg(row_number)) AS members FROM ${several} WHERE differ GROUP BY first_row) g
         ON g.first_row = c.first_row AND g.members = c.members`,
    );
  }
}
