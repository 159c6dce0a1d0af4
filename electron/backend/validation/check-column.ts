import { distance } from 'fastest-levenshtein';
import { DateTime } from 'luxon';
import { fieldTypeOf } from '../../../shared/field-types/all-field-types.ts';
import type { LocalTime, ParseContext } from '../../../shared/field-types/field-type.ts';
import { trimEdges } from '../../../shared/match/white-space.ts';
import { hasEdgesSql } from '../match/match-sql.ts';
import type { DuckDbEngine } from '../staging/duckdb-engine.ts';
import type { CheckColumnRequest, ColumnFormats } from '../staging/staging-functions.ts';
import { columnFormats } from './column-formats.ts';
import { guarded, unguarded } from './guarded-text.ts';

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

/**
 * Which distinct values TypeScript must look at. Plain text is its own API and canonical form, so only text that a
 * cheap test suspects is read; every other type is read whole.
 */
function suspects(cell: string, request: CheckColumnRequest): string {
  const { field, column } = request;
  if (!TEXT_TYPES.has(field.type) || Object.keys(column.replacements).length > 0) return 'true';
  const tooLong = field.length > 0 ? `OR length(${cell}) > ${Math.floor(field.length / 2)}` : '';
  return `(${hasEdgesSql(cell)} OR regexp_matches(${cell}, '^[=+@-]|^#N/A$|^\\d.*[eE]|\\r') ${tooLong})`;
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
  const dictionary = `value_${column.column}`;
  const fieldType = fieldTypeOf(field);
  return engine.withConnection(signal, async (connection) => {
    await connection.run(
      `CREATE OR REPLACE TABLE ${alias}.${dictionary} (raw VARCHAR, api VARCHAR, canonical VARCHAR)`,
    );
    await connection.run(`DELETE FROM ${alias}.value_issue WHERE source_column = ${column.column}`);
    const distinct = `SELECT DISTINCT ${guarded(cell)} FROM ${alias}.staged WHERE problem IS NULL AND ${cell} <> ''`;
    const formats = await columnFormats(engine, connection, request);
    const context: ParseContext = {
      field,
      keyPrefixes: request.keyPrefixes,
      dateOrder: formats.dateOrder ?? 'ymd',
      decimal: formats.decimal ?? 'point',
      timeZone: column.format.timeZone ?? request.timeZone,
      instantOf,
      closest,
    };
    await engine.withConnection(signal, async (writing) => {
      const values = await writing.createAppender(dictionary, 'main', alias);
      const issues = await writing.createAppender('value_issue', 'main', alias);
      const remark = (raw: string, code: string, level: string, facts: object) => {
        issues.appendInteger(column.column);
        issues.appendVarchar(raw);
        issues.appendVarchar(code);
        issues.appendVarchar(level);
        issues.appendVarchar(JSON.stringify(facts));
        issues.endRow();
      };
      for await (const rows of engine.chunks(connection, `${distinct} AND ${suspects(cell, request)}`)) {
        for (const [stored] of rows) {
          const raw = unguarded(stored);
          const replaced = Object.hasOwn(column.replacements, raw) ? (column.replacements[raw] ?? raw) : raw;
          const text = trimEdges(replaced);
          let api = text;
          let canonical = text;
          if (text === '#N/A') {
            canonical = '';
            remark(raw, 'NULL_MARKER', 'warn', {});
          } else if (text !== '') {
            const parsed = fieldType.parse(text, context);
            if (parsed.kind === 'issue') {
              remark(raw, parsed.code, 'row', parsed.facts);
            } else {
              ({ api, canonical } = parsed);
              for (const note of parsed.notes) remark(raw, note.code, note.level, note.facts);
            }
          }
          if (text !== replaced) remark(raw, 'SPACES_TRIMMED', 'fix', {});
          if (api !== raw || canonical !== raw) {
            values.appendVarchar(raw);
            values.appendVarchar(api);
            values.appendVarchar(canonical);
            values.endRow();
          }
        }
      }
      values.closeSync();
      issues.closeSync();
    });
    return formats;
  });
}
