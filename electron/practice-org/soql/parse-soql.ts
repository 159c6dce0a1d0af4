import { parseQuery, type Query } from '@jetstreamapp/soql-parser-js';
import { offsetOf, soqlError } from './soql-error.ts';

export interface ParsedSoql {
  readonly soql: string;
  readonly query: Query;
  /** `ALL ROWS`: deleted records too. */
  readonly allRows: boolean;
}

/** Lexical elements; enough to say which one a query goes wrong at. */
const LEXEME = /\s+|'(?:[^'\\]|\\.)*'?|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|[\w.:]+|<=|>=|!=|<>|[^\s]/g;

function failsAtEnd(message: string): boolean {
  return (
    /but found(?: -->|:) '' ?(?:<--)?/.test(message.replaceAll('\n', ' ')) ||
    /expecting at least one iteration/.test(message)
  );
}

/** The parser says what it expected; where is found out by parsing ever shorter beginnings. */
function failureOffset(soql: string): number {
  const ends: { start: number; end: number }[] = [];
  for (const match of soql.matchAll(LEXEME)) {
    if (match[0].trim() !== '') ends.push({ start: match.index, end: match.index + match[0].length });
  }
  const wrong = (count: number): boolean => {
    const part = soql.slice(0, ends[count - 1]?.end ?? 0);
    try {
      parseQuery(part);
      return false;
    } catch (error) {
      return !failsAtEnd(error instanceof Error ? error.message : '');
    }
  };
  if (!wrong(ends.length)) return soql.length;
  let [low, high] = [0, ends.length];
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (wrong(middle)) high = middle;
    else low = middle;
  }
  return ends[high - 1]?.start ?? soql.length;
}

/** Parses SOQL, or throws MALFORMED_QUERY as Salesforce words it. */
export function parseSoql(soql: string): ParsedSoql {
  if (soql.trim() === '') throw soqlError('MALFORMED_QUERY', 'A query string has to be specified');
  const allRows = /\bALL\s+ROWS\s*$/i.test(soql);
  // The parser knows neither ALL ROWS nor offsets from UTC with a plus sign, and wants <> spelled !=.
  const text = outsideQuotes(soql.replace(/\s+ALL\s+ROWS\s*$/i, ''), (part) =>
    part
      .replace(
        /(\d{4}-\d\d-\d\dT[\d:.]+)([+-])(\d\d):?(\d\d)/g,
        (_all, time: string, sign: string, h: string, m: string) => {
          const ms = Date.parse(`${time}${sign}${h}:${m}`);
          return Number.isNaN(ms) ? _all : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
        },
      )
      .replaceAll('<>', '!='),
  );
  try {
    return { soql, query: parseQuery(text), allRows };
  } catch {
    if (!/\bFROM\b/i.test(soql) && /^\s*SELECT\b/i.test(soql))
      throw soqlError('MALFORMED_QUERY', "unexpected token: '<EOF>'", { soql, offset: soql.length });
    const offset = failureOffset(text);
    const token = text.slice(offset).match(LEXEME)?.[0] ?? '<EOF>';
    throw soqlError('MALFORMED_QUERY', `unexpected token: '${token}'`, { soql: text, offset });
  }
}

function outsideQuotes(soql: string, change: (part: string) => string): string {
  return soql
    .split(/('(?:[^'\\]|\\.)*')/)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('');
}

/** An error about a name in the query, with its place. */
export function nameError(soql: string, errorCode: string, name: string, message: string): Error {
  const offset = offsetOf(soql, name);
  return soqlError(errorCode, message, offset === null ? undefined : { soql, offset });
}
