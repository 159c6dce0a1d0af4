import type { OrgData, Session } from '../records/org-data.ts';
import type { RecordTable, StoredRecord } from '../records/record-store.ts';
import { ApiError } from '../http/api-error.ts';
import type { Field } from '../schema/schema.ts';
import { renderRecord } from './render.ts';
import { runSoql } from './run-soql.ts';
import { ANY, fits, ONE, type Wildcard } from './wildcard.ts';

type SearchIn = 'ALL' | 'NAME' | 'EMAIL' | 'PHONE' | 'SIDEBAR';

const malformed = (message: string): ApiError => new ApiError(400, 'MALFORMED_SEARCH', message);

/** Words with * and ?, "phrases", AND, OR and AND NOT (SOSL Reference, "FIND {SearchQuery}"). */
function searchTest(text: string): (haystack: string) => boolean {
  const tokens = text.match(/"[^"]*"|\(|\)|[^\s()"]+/g) ?? [];
  if (tokens.length === 0) throw malformed('search term must be longer than one character: ');
  const word = (token: string): ((haystack: string) => boolean) => {
    const bare = token.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1').toLowerCase();
    if (bare.replace(/[*?]/g, '').length < 2) throw malformed(`search term must be longer than one character: ${bare}`);
    if (!/[*?]/.test(bare)) {
      // Words are found by their beginnings, as the search index has them.
      const escaped = bare.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      // The word is escaped above.
      // eslint-disable-next-line security/detect-non-literal-regexp -- see above
      const pattern = new RegExp(`(?:^|[^\\p{L}\\p{N}])${escaped}`, 'iu');
      return (haystack) => pattern.test(haystack);
    }
    // A wildcard word is looked for from the beginning of each word on, inside one run without spaces.
    const pattern: Wildcard = [...[...bare].map((c) => (c === '*' ? ANY : c === '?' ? ONE : c)), ANY];
    return (haystack) =>
      haystack
        .toLowerCase()
        .split(/\s+/)
        .some((run) => wordStarts(run).some((start) => fits(pattern, run.slice(start))));
  };
  let at = 0;
  const primary = (): ((haystack: string) => boolean) => {
    const part = tokens[at++] ?? '';
    if (part === '(') {
      const inner = either();
      at++;
      return inner;
    }
    if (/^NOT$/i.test(part)) {
      const inner = primary();
      return (haystack) => !inner(haystack);
    }
    return word(part);
  };
  const both = (): ((haystack: string) => boolean) => {
    let left = primary();
    while (at < tokens.length && tokens[at] !== ')' && !/^OR$/i.test(tokens[at] ?? '')) {
      if (/^AND$/i.test(tokens[at] ?? '')) at++;
      const [a, b] = [left, primary()];
      left = (haystack) => a(haystack) && b(haystack);
    }
    return left;
  };
  const either = (): ((haystack: string) => boolean) => {
    let left = both();
    while (/^OR$/i.test(tokens[at] ?? '')) {
      at++;
      const [a, b] = [left, both()];
      left = (haystack) => a(haystack) || b(haystack);
    }
    return left;
  };
  return either();
}

function wordStarts(run: string): number[] {
  return [0, ...Array.from(run.matchAll(/[^\p{L}\p{N}]/gu), (match) => match.index + 1)];
}

function searchedFields(table: RecordTable, where: SearchIn): Field[] {
  return table.object.fields.filter((field) => {
    if (field.kind !== 'stored') return false;
    if (where === 'NAME') return field.nameField;
    if (where === 'EMAIL') return field.type === 'email';
    if (where === 'PHONE') return field.type === 'phone';
    return ['string', 'email', 'phone', 'textarea', 'url', 'combobox'].includes(field.type);
  });
}

/** Splits `Account(Id, Name WHERE x LIMIT 3), Contact` at its top-level commas. */
function splitReturning(text: string): { object: string; inner: string | null }[] {
  const parts: { object: string; inner: string | null }[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  const push = (end: number): void => {
    const part = text.slice(start, end).trim();
    const match = /^(\w+)\s*(?:\(([^]*)\))?$/.exec(part);
    if (!match) throw malformed(`unexpected token: ${part}`);
    parts.push({ object: match[1] ?? '', inner: match[2] ?? null });
  };
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === "'" && text.charAt(i - 1) !== '\\') quoted = !quoted;
    if (quoted) continue;
    if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (c === ',' && depth === 0) {
      push(i);
      start = i + 1;
    }
  }
  push(text.length);
  return parts;
}

export interface SearchRequest {
  readonly term: string;
  readonly where: SearchIn;
  readonly objects: readonly { readonly object: string; readonly select: string }[];
  readonly limit: number;
}

/** Reads SOSL's basics: FIND {…} IN … FIELDS RETURNING … LIMIT (SOSL Reference). */
export function parseSosl(data: OrgData, sosl: string): SearchRequest {
  const match =
    /^\s*FIND\s*(?:\{((?:[^}\\]|\\.)*)\}|'((?:[^'\\]|\\.)*)')\s*(?:IN\s+(ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS\s*)?(?:RETURNING\s+([^]*?))?(?:\s+LIMIT\s+(\d+))?\s*$/i.exec(
      sosl,
    );
  if (!match) throw malformed(`No search term found. The search term must be enclosed in braces.`);
  const [, braced, quoted, where = 'ALL', returning, limit] = match;
  const listed = returning === undefined || returning.trim() === '' ? null : splitReturning(returning);
  const objects = (
    listed ??
    [...data.schema.values()]
      .filter((object) => object.searchable && !object.event)
      .map(({ name }) => ({ object: name, inner: null }))
  ).map(({ object, inner }) => ({ object, select: inner ?? 'Id' }));
  return {
    term: (braced ?? quoted ?? '').trim(),
    where: where.toUpperCase() as SearchIn,
    objects,
    limit: Math.min(Number(limit ?? 2000), 2000),
  };
}

export function runSearch(
  data: OrgData,
  session: Session,
  request: SearchRequest,
  version: string,
): Record<string, unknown>[] {
  const test = searchTest(request.term);
  const found: Record<string, unknown>[] = [];
  for (const { object, select } of request.objects) {
    const table = data.store.table(object);
    if (!table) throw new ApiError(400, 'INVALID_TYPE', `sObject type '${object}' is not supported.`);
    const fields = searchedFields(table, request.where);
    const [columns = 'Id', clauses = ''] = splitSelect(select);
    const limited = /\sLIMIT\s+(\d+)/i.exec(clauses);
    // The object's own LIMIT counts what the words found, not what there is.
    const result = runSoql(data, session, `SELECT ${columns} FROM ${object} ${clauses.replace(/\sLIMIT\s+\d+/i, '')}`);
    const matches = (record: StoredRecord): boolean =>
      test(
        fields
          .map((field) => record[field.slot])
          .filter((value) => value !== null)
          .join('\n'),
      );
    const hits = result.records.filter(matches).slice(0, Number(limited?.[1] ?? 2000));
    found.push(...hits.map((record) => renderRecord(result, record, version)));
    if (found.length >= request.limit) break;
  }
  return found.slice(0, request.limit);
}

function splitSelect(select: string): [string, string] {
  const at = select.search(/\s(?:WHERE|ORDER\s+BY|LIMIT|OFFSET|USING)\s/i);
  return at < 0 ? [select, ''] : [select.slice(0, at), select.slice(at)];
}
