import { cell } from '../tables/tables.ts';

/** When a row was written, as a number to compare with that of others, from `s`: of a time with or without its zone, or a number. */
export function writtenSql(column: number): { time: string; number: string } {
  const text = `trim(s.${cell(column)})`;
  // Salesforce writes zones as +0000, which the engine does not read.
  const zoned = `regexp_replace(${text}, '([+-][0-9]{2})([0-9]{2})$', '\\1:\\2')`;
  return { time: `epoch_ms(try_cast(${zoned} AS TIMESTAMPTZ))`, number: `try_cast(${text} AS DOUBLE)` };
}

/** Of equal ones the last in the order of the file is the newest. */
const newestSql = (value: string): string =>
  `WHEN count(${value}) = count(*) THEN arg_max(row_number, struct_pack(a := ${value}, b := row_number))`;
/** Of a group of rows with the `time` and the `number` of each the newest row; NULL where not all of them have the one, or the other. */
export const NEWEST_ROW = `CASE ${newestSql('time')} ${newestSql('number')} END`;
