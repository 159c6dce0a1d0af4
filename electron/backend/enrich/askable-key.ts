import { SUFFIX_ALPHABET } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe, FieldDescribe } from '../../../shared/domain/sobject.ts';
import { quoteText } from '../tables/quote.ts';

/** No field that a condition may name is longer (Object Reference, "Field Types"). */
const LONGEST = 255;

/**
 * SQL that is true of canonical keys that a condition may have: Salesforce refuses a whole query for one that is no Id, no number, or
 * no date, and no record has such a key.
 */
export function askableKeySql(
  key: string,
  field: FieldDescribe,
  { keyPrefix }: Pick<SObjectDescribe, 'keyPrefix'>,
): string {
  switch (field.type) {
    case 'id':
      return `${isIdSql(key)}${keyPrefix ? ` AND left(${key}, 3) = ${quoteText(keyPrefix)}` : ''}`;
    case 'reference':
      return isIdSql(key);
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return `regexp_full_match(${key}, '-?[0-9]{1,18}([.][0-9]{1,18})?(E-?[0-9]{1,2})?')`;
    case 'date':
      return `TRY_CAST(${key} AS DATE) IS NOT NULL AND regexp_full_match(${key}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')`;
    default:
      return `length(${key}) <= ${LONGEST}`;
  }
}

/** Eighteen characters of which the last three say which of the others are capitals. */
function isIdSql(key: string): string {
  const suffix = [0, 5, 10].map((start) => {
    const bits = [0, 1, 2, 3, 4].map(
      (at) => `CASE WHEN substr(${key}, ${start + at + 1}, 1) BETWEEN 'A' AND 'Z' THEN ${1 << at} ELSE 0 END`,
    );
    return `substr('${SUFFIX_ALPHABET}', 1 + ${bits.join(' + ')}, 1)`;
  });
  return `regexp_full_match(${key}, '[a-zA-Z0-9]{18}') AND right(${key}, 3) = ${suffix.join(' || ')}`;
}
