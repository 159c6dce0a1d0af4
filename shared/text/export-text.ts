import type { ExportForecast, ExportFormat, ExportWay } from '../domain/export.ts';
import type { BeyondBuilder, SoqlError, SoqlExpected } from '../soql/soql-query.ts';
import { number, plural } from './counts.ts';

export const WAY_WORD: Readonly<Record<ExportWay, string>> = { rest: 'REST API', bulk: 'Bulk API' };

export const FORMAT_WORD: Readonly<Record<ExportFormat, string>> = {
  csv: 'CSV',
  xlsx: 'Excel workbook',
  jsonl: 'JSON Lines',
  parquet: 'Parquet',
};

/** What an export would take: “1,204,332 records, about 29 API calls by Bulk API.”. Without a way that was chosen the cheapest. */
export function exportForecastText({ records, ways }: ExportForecast, chosen: ExportWay | null): string {
  const way = chosen === null ? ways[0] : ways.find((one) => one.way === chosen);
  if (ways.length === 0) return 'This query can’t be exported as rows and columns.';
  if (!way) return `${WAY_WORD[chosen ?? 'rest']} can’t run this query.`;
  if (records === null || way.calls === null)
    return `The number of rows is known once they are read, by ${WAY_WORD[way.way]}.`;
  return `${plural(records, 'record')}, about ${plural(way.calls, 'API call')} by ${WAY_WORD[way.way]}.`;
}

/** Rows of a file of keys by what the keys name. */
export function foundText(rows: Readonly<Record<'found' | 'notFound' | 'several' | 'blank', number>>): string {
  const { found, notFound, several, blank } = rows;
  return `${number(found)} found, ${number(notFound)} not found, ${number(several)} with several records, ${number(blank)} without a key`;
}

function expectedText(expected: SoqlExpected): string {
  if (typeof expected === 'object')
    return expected.word === '(' || expected.word === ')' ? `“${expected.word}”` : expected.word;
  switch (expected) {
    case 'field':
      return 'the name of a field';
    case 'object':
      return 'the name of an object';
    case 'comparison':
      return 'a comparison, such as = or LIKE';
    case 'value':
      return 'a value: text in single quotes, a number, a date, true, false, or null';
    case 'list-value':
      return 'the values of a list, separated by commas';
    case 'whole-number':
      return 'a whole number';
    case 'end':
      return 'AND, OR, ORDER BY, LIMIT, or the end';
    case 'closed-quote':
      return 'a closing quote for this text';
    case 'escape':
      return "an escape that SOQL has, such as \\' or \\\\";
    case 'soql-character':
      return 'a character that SOQL has';
    case 'one-null-order':
      return 'FIRST or LAST';
  }
}

/** Where a text goes wrong: “Line 2, character 6: expected the name of a field, found FROM.” */
export function soqlErrorText({ line, column, found, expected }: SoqlError): string {
  const instead = found === '' ? 'the text ends' : `found ${found}`;
  return `Line ${number(line)}, character ${number(column)}: expected ${expectedText(expected)}, ${instead}.`;
}

/** Why a query is shown as text alone. */
export function beyondText(beyond: BeyondBuilder): string {
  return `${beyondWhat(beyond)} can only be edited as text, so the builder is off.`;
}

function beyondWhat(beyond: BeyondBuilder): string {
  if (typeof beyond === 'object') return `A query with ${beyond.clause}`;
  switch (beyond) {
    case 'child-query':
      return 'A query with a query for child records';
    case 'function':
      return 'A query with a function';
    case 'typeof':
      return 'A query with TYPEOF';
    case 'alias':
      return 'A query with an alias';
    case 'condition-query':
      return 'A condition with a query of its own';
    case 'nested-conditions':
      return 'A query that combines AND, OR, and NOT';
    case 'pattern':
      return 'A pattern with a backslash of its own';
  }
}
