import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import { fieldTypeOf } from '../../../shared/field-types/all-field-types.ts';
import { emailType } from '../../../shared/field-types/email.ts';
import { numberType } from '../../../shared/field-types/number.ts';
import { dateType } from '../../../shared/field-types/date.ts';
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
