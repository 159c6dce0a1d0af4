import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import { fieldTypeOf } from '../../../shared/field-types/all-field-types.ts';
import { emailType } from '../../../shared/field-types/email.ts';
import { numberType } from '../../../shared/field-types/number.ts';
import { booleanType } from '../../../shared/field-types/boolean.ts';
import { dateType } from '../../../shared/field-types/date.ts';
import { datetimeType } from '../../../shared/field-types/datetime.ts';
import { textType } from '../../../shared/field-types/text.ts';
import { canonicalTextSql, foldCaseSql } from './match-sql.ts';

type TypedField = Pick<FieldDescribe, 'type'>;

/** The canonical form of a field's values as SQL, where SQL can make it: what a column holds need not be read for it. */
export function canonicalSql(sql: string, field: TypedField): string | null {
  switch (fieldTypeOf(field).canonicalise) {
    case textType.canonicalise:
      return canonicalTextSql(sql);
    case emailType.canonicalise:
      return foldCaseSql(canonicalTextSql(sql));
    default:
      return null;
  }
}

/** Every day but the 29th of February, which not every year has. */
const DATE =
  '[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)';
const TIME = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]';

/**
 * The canonical form of values as Salesforce's APIs write them most of the time ("Primitive Data Types", SOAP API guide; numbers with a
 * fraction of 0 in bulk results), as SQL; NULL for those that have to be read one by one.
 */
export function usualFormSql(sql: string, field: TypedField): string {
  const total = canonicalSql(sql, field);
  if (total !== null) return total;
  const own = `WHEN ${isCanonicalSql(sql, field)} THEN ${sql}`;
  switch (fieldTypeOf(field).canonicalise) {
    case numberType.canonicalise:
      return `CASE ${own} WHEN ${sql} IN ('0', '0.0') THEN '0' WHEN regexp_full_match(${sql}, '-?[1-9][0-9]{0,8}[.]0') THEN left(${sql}, length(${sql}) - 2) WHEN ${isRoundMillions(sql)} THEN ${sql}::DOUBLE::BIGINT::VARCHAR END`;
    case datetimeType.canonicalise:
      return `CASE WHEN regexp_full_match(${sql}, '${DATE}T${TIME}(?:[.][0-9]{3})?(?:Z|[+]0000)') THEN left(${sql}, 19) || 'Z' END`;
    case booleanType.canonicalise:
      return `CASE WHEN ${sql} IN ('true', 'false') THEN ${sql} END`;
    default:
      return `CASE ${own} END`;
  }
}

/**
 * Numbers from ten millions on are printed as Java prints doubles (912260031 as 9.12260031E8, Bulk API 2.0 guide). Those of these that are
 * whole for their exponent alone, and no larger than what a double keeps to its last digit.
 */
function isRoundMillions(sql: string): string {
  return `regexp_full_match(${sql}, '-?[1-9][.][0-9]{1,7}E(?:[7-9]|1[0-4])')`;
}

/**
 * SQL that is true only of texts that are their own canonical form, and of most of those: reading a million different numbers
 * to find that each stands for itself takes seconds.
 */
export function isCanonicalSql(sql: string, field: TypedField): string {
  switch (fieldTypeOf(field).canonicalise) {
    // At most 15 digits, which every double keeps, without zeros that say nothing.
    case numberType.canonicalise:
      return `regexp_full_match(${sql}, '-?[1-9][0-9]{0,8}([.][0-9]{0,5}[1-9])?')`;
    case dateType.canonicalise:
      return `regexp_full_match(${sql}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')`;
    default:
      return 'false';
  }
}
