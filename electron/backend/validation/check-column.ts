import { distance } from 'fastest-levenshtein';
import { DateTime } from 'luxon';
import type { LocalTime, ParseContext } from '../../../shared/field-types/field-type.ts';
import { hasEdgesSql } from '../match/match-sql.ts';
import type { DuckDbEngine } from '../staging/duckdb-engine.ts';
import type { CheckColumnRequest, ColumnFormats } from '../staging/staging-functions.ts';
import { TABLE_NAMES } from '../tables/tables.ts';
import { columnFormats } from './column-formats.ts';
import { quoteText } from '../tables/quote.ts';
import { distinctValues, type HeldAs } from './distinct-values.ts';
import { mendsBlanks, namedValues, ValueReader } from './read-value.ts';

/** A wall-clock time's instant; in an overlap the earlier one, in a gap none (V11). */
export function instantOf(local: LocalTime, timeZone: string): number | null {
  const { ms, ...rest } = local;
  const time = DateTime.fromObject({ ...rest, millisecond: ms }, { zone: timeZone });
  if (!time.isValid || time.hour !== local.hour || time.minute !== local.minute) return null;
  return time.toMillis();
}

/** The offered value most like a mistyped one: at most a third of its letters differ. */
export function closest(text: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(text.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

const TEXT_TYPES = new Set(['string', 'textarea', 'phone', 'url', 'encryptedstring', 'combobox', 'anyType']);

/** An address of the plainest kind, which is its own canonical form and passes every rule of its field but the length. */
const PLAIN_EMAIL = String.raw`[a-z0-9][a-z0-9_.-]*@[a-z0-9-]+(\.[a-z0-9-]+)+`;
/** What a number to call may begin with +, and a formula may not be made of. */
const PHONE = String.raw`\+[0-9 ().-]+`;

/**
 * Which distinct values TypeScript must look at. Plain text is its own API and canonical form, so only text that a
 * cheap test suspects is read, and of addresses those that are not of the plainest kind; every other type is read whole.
 */
function suspects(cell: string, request: CheckColumnRequest): string {
  const { field, column } = request;
  const isEmail = field.type === 'email';
  if (!isEmail && !TEXT_TYPES.has(field.type)) return 'true';
  const tooLong = field.length > 0 ? `OR length(${cell}) > ${Math.floor(field.length / 2)}` : '';
  const named = namedValues(column).map(quoteText);
  const meant = named.length === 0 ? '' : `OR ${cell} IN (${named.join(', ')})`;
  if (isEmail) return `(NOT regexp_full_match(${cell}, ${quoteText(PLAIN_EMAIL)}) ${tooLong} ${meant})`;
  const formula = `(regexp_matches(${cell}, '^[=+@-]') AND NOT regexp_full_match(${cell}, ${quoteText(PHONE)}))`;
  return `(${hasEdgesSql(cell)} OR ${formula} OR regexp_matches(${cell}, '^#N/A$|^\\d.*[eE]|\\r') ${tooLong} ${meant})`;
}

/**
 * Reads every distinct value of a column by its field's rules, once, and leaves
 * `value_<n>(raw, api, canonical)` for values that do not stand for themselves and rows in `value_issue` for remarks.
 */
export async function checkColumn(
  engine: DuckDbEngine,
  request: CheckColumnRequest,
  signal: AbortSignal,
): Promise<ColumnFormats> {
  const { alias, column, field } = request;
  const cell = `c${column.column}`;
  const { values: dictionary, issues: remarked } = request.into ?? {
    values: `value_${column.column}`,
    issues: TABLE_NAMES.valueIssue,
  };
  return engine.withConnection(signal, async (connection) => {
    await connection.run(
      `CREATE OR REPLACE TABLE ${alias}.${dictionary} (raw VARCHAR, api VARCHAR, canonical VARCHAR)`,
    );
    await connection.run(`DELETE FROM ${alias}.${remarked} WHERE source_column = ${column.column}`);
    const formats = await columnFormats(connection, request);
    const context: ParseContext = {
      field,
      keyPrefixes: request.keyPrefixes,
      dateOrder: formats.dateOrder ?? 'ambiguous',
      decimal: formats.decimal ?? 'point',
      timeZone: column.format.timeZone ?? request.timeZone,
      instantOf,
      closest,
    };
    await engine.withConnection(signal, async (writing) => {
      const values = await writing.createAppender(dictionary, 'main', alias);
      const issues = await writing.createAppender(remarked, 'main', alias);
      const reader = new ValueReader(column, context);
      const keep = (raw: string, heldAs: HeldAs) => {
        const { api, canonical, remarks } = reader.read(raw, heldAs);
        for (const { code, level, facts } of remarks) {
          issues.appendInteger(column.column);
          for (const text of [raw, code, level, JSON.stringify(facts)]) issues.appendVarchar(text);
          issues.endRow();
        }
        if (api === raw && canonical === raw) return;
        for (const text of [raw, api, canonical]) values.appendVarchar(text);
        values.endRow();
      };
      if (mendsBlanks(column)) keep('', 'text');
      const suspected = suspects(cell, request);
      for await (const { raw, heldAs } of distinctValues(connection, alias, column, suspected)) keep(raw, heldAs);
      values.closeSync();
      issues.closeSync();
    });
    return formats;
  });
}
