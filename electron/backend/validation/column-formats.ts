import type { DuckDBConnection } from '@duckdb/node-api';
import { dateReadingTexts } from '../../../shared/field-types/date-text.ts';
import { findFormat } from '../../../shared/field-types/find-format.ts';
import { numberReadingTexts } from '../../../shared/field-types/number-marks.ts';
import { isWholeOnly } from '../../../shared/field-types/number.ts';
import { trimEdges } from '../../../shared/match/white-space.ts';
import { chunks } from '../staging/result-chunks.ts';
import type { CheckColumnRequest, ColumnFormats } from '../staging/staging-functions.ts';
import { isMarkedSql } from '../tables/cell-marks.ts';
import { quoteText } from '../tables/quote.ts';
import { guarded, unguarded } from './guarded-text.ts';
import { namedValues } from './read-value.ts';

const DATE_TYPES = new Set(['date', 'datetime']);
const NUMBER_TYPES = new Set(['int', 'long', 'double', 'currency', 'percent']);

/** Three numbers of which the first is no year of four digits, alone or before a time. */
const SHORT_DATE = '^[^0-9\\p{L}]*([0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4})(?:[ T,]|[^0-9\\p{L}]*$)';

/**
 * Finds how a column is written from every one of its values: for numbers one of each shape (`10.010` stands for `25.340`; which
 * digits other than 0 stand where says nothing of the marks), for dates every date. Numbers that the file holds as numbers are written
 * in no way and say nothing. The answer does not depend on the order of rows.
 */
export async function columnFormats(connection: DuckDBConnection, request: CheckColumnRequest): Promise<ColumnFormats> {
  const { alias, column, field } = request;
  const cell = `c${column.column}`;
  const named = namedValues(column);
  const own = named.length === 0 ? '' : `AND ${cell} NOT IN (${named.map(quoteText).join(', ')})`;
  const from = `FROM ${alias}.staged WHERE problem IS NULL AND ${cell} <> '' ${own}`;
  const valuesOf = async (sql: string): Promise<string[]> => {
    const values = Object.values(column.replacements).map(trimEdges);
    for await (const rows of chunks(connection, sql))
      for (const [stored] of rows) values.push(trimEdges(unguarded(stored)));
    return values;
  };
  if (DATE_TYPES.has(field.type)) {
    const { dateOrder } = column.format;
    if (dateOrder) return { dateOrder, decimal: null, question: null };
    const date = `regexp_extract(${cell}, ${quoteText(SHORT_DATE)}, 1)`;
    const found = findFormat(
      await valuesOf(`SELECT DISTINCT ${guarded(date)} ${from} AND ${date} <> ''`),
      ['dmy', 'mdy', 'ymd'],
      (text) => dateReadingTexts(text.split(/[ T,]/)[0] ?? ''),
    );
    const { choice, proof, open } = found;
    return {
      // Dates that are the same in every order need none, and say nothing for another.
      dateOrder: choice ?? 'ambiguous',
      decimal: null,
      question: choice === 'ambiguous' && open ? { proof, open } : null,
    };
  }
  if (!NUMBER_TYPES.has(field.type)) return { dateOrder: null, decimal: null, question: null };
  const { decimal } = column.format;
  if (decimal) return { dateOrder: null, decimal, question: null };
  const shape = `regexp_replace(${cell}, '[1-9]', '1', 'g')`;
  const { choice, proof, open } = findFormat(
    await valuesOf(
      `SELECT ${guarded(`min(${cell})`)} ${from} AND regexp_matches(${cell}, '[.,]') AND NOT ${isMarkedSql('number', column.column)} GROUP BY ${shape}`,
    ),
    ['point', 'comma'],
    (text) => numberReadingTexts(text, isWholeOnly(field)),
  );
  return {
    dateOrder: null,
    decimal: choice ?? 'point',
    question: choice === 'ambiguous' && open ? { proof, open } : null,
  };
}
