import type { Condition, FunctionExp, HavingClause, Query, WhereClause } from '@jetstreamapp/soql-parser-js';
import { asRecordId } from '../records/record-ids.ts';
import type { FieldValue } from '../records/org-data.ts';
import type { RecordTable, Stored, StoredRecord } from '../records/record-store.ts';
import type { Field } from '../schema/schema.ts';
import { DATE_FUNCTIONS, dateFunction, dateLiteralRange } from './date-literals.ts';
import { resolvePath, type QueryScope } from './field-path.ts';
import { soqlError } from './soql-error.ts';
import { nameError } from './parse-soql.ts';
import { plainText } from '../http/plain-text.ts';
import { ANY, fits, ONE, type Wildcard } from './wildcard.ts';

export type Predicate<T> = (row: T) => boolean;

/** A condition, and if an index can answer it, which records could meet it at all. */
export interface Filter<T> {
  readonly test: Predicate<T>;
  readonly candidates: (() => Iterable<StoredRecord>) | null;
  /** How many candidates there are, roughly: the smallest is tried first. */
  readonly size: number;
}

/** What a condition compares: a field path, a date function of one, or in HAVING an aggregate. */
export interface Operand<T> {
  readonly field: Field | null;
  readonly read: (row: T) => FieldValue;
  /** Set where an index can answer `=` and `IN`. */
  readonly indexed: { readonly table: RecordTable; readonly field: Field } | null;
}

export type OperandOf<T> = (condition: { field?: string; fn?: FunctionExp }) => Operand<T>;

function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_all, c: string) =>
      c.startsWith('u') && c.length === 5
        ? String.fromCharCode(Number.parseInt(c.slice(1), 16))
        : ({ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', N: '\n' }[c] ?? c),
    );
}

const TEXT_TYPES = new Set([
  'string',
  'textarea',
  'email',
  'phone',
  'url',
  'picklist',
  'multipicklist',
  'combobox',
  'id',
  'reference',
  'encryptedstring',
  'anyType',
  'time',
  'base64',
  'complexvalue',
]);

interface Literal {
  readonly value: Stored;
  /** Set for dates: [from, to) in ms. */
  readonly range: readonly [number, number] | null;
}

function literal(scope: QueryScope, text: string, field: Field | null): Literal {
  const plain = (value: Stored): Literal => ({ value, range: null });
  if (/^null$/i.test(text)) return plain(null);
  const type = field?.type ?? null;
  const wrong = (message: string): never => {
    throw nameError(scope.soql, 'INVALID_FIELD', field?.name ?? '', message);
  };
  if (text.startsWith("'")) {
    if (type !== null && !TEXT_TYPES.has(type))
      wrong(
        `value of filter criterion for field '${field?.name ?? ''}' must be of type ${type} and should not be enclosed in quotes`,
      );
    const value = unquote(text);
    if (type === 'id' || type === 'reference') {
      if (value === '') return plain(null);
      const id = asRecordId(value);
      if (id === null)
        throw nameError(scope.soql, 'INVALID_QUERY_FILTER_OPERATOR', field?.name ?? '', `invalid ID field: ${value}`);
      return plain(id);
    }
    // Salesforce keeps no empty texts: '' finds what is null.
    return plain(value === '' ? null : field?.caseSensitive ? value : value.toLowerCase());
  }
  if (/^(?:true|false)$/i.test(text)) {
    if (type !== null && type !== 'boolean')
      wrong(`value of filter criterion for field '${field?.name ?? ''}' must be of type ${type}`);
    return plain(/^true$/i.test(text));
  }
  if (type !== null && TEXT_TYPES.has(type) && type !== 'time')
    wrong(
      `value of filter criterion for field '${field?.name ?? ''}' must be of type string and should be enclosed in quotes`,
    );
  const range = dateLiteralRange(text, scope.data.now());
  if (range) return { value: null, range };
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const from = Date.parse(`${text}T00:00:00Z`);
    if (type === 'datetime')
      wrong(
        `value of filter criterion for field '${field?.name ?? ''}' must be of type dateTime and should not be enclosed in quotes`,
      );
    return { value: text, range: [from, from + 86_400_000] };
  }
  if (/^\d{4}-\d\d-\d\dT/.test(text)) {
    const at = Date.parse(text);
    if (Number.isNaN(at)) wrong(`line 1:1 invalid datetime '${text}'`);
    return { value: text, range: [at, at + 1] };
  }
  const number = Number(text.replace(/^[A-Z]{3}(?=[\d.-])/, ''));
  if (Number.isNaN(number)) throw soqlError('MALFORMED_QUERY', `unexpected token: '${text}'`);
  return plain(number);
}

/** LIKE: % any run, _ one character, a backslash makes them plain; case is ignored. */
function likePattern(pattern: string): Wildcard {
  const parts: Wildcard[number][] = [];
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === '\\' && i + 1 < pattern.length) parts.push(pattern.charAt(++i).toLowerCase());
    else parts.push(c === '%' ? ANY : c === '_' ? ONE : c.toLowerCase());
  }
  return parts;
}

function rangeTest(operator: string, [from, to]: readonly [number, number]): Predicate<number> {
  switch (operator) {
    case '=':
      return (at) => at >= from && at < to;
    case '!=':
      return (at) => at < from || at >= to;
    case '<':
      return (at) => at < from;
    case '<=':
      return (at) => at < to;
    case '>':
      return (at) => at >= to;
    default:
      return (at) => at >= from;
  }
}

function comparison<T>(scope: QueryScope, operand: Operand<T>, operator: string, texts: string[]): Filter<T> {
  const { field } = operand;
  const fold = (value: FieldValue): FieldValue =>
    typeof value === 'string' && !field?.caseSensitive && field?.type !== 'id' && field?.type !== 'reference'
      ? value.toLowerCase()
      : value;
  const get = (row: T): FieldValue => fold(operand.read(row));
  const only = (test: Predicate<T>): Filter<T> => ({ test, candidates: null, size: Infinity });
  if (operator === 'LIKE') {
    if (field && !TEXT_TYPES.has(field.type))
      throw nameError(scope.soql, 'INVALID_FIELD', field.name, `invalid operator on ${field.type} field`);
    const pattern = likePattern(texts[0]?.startsWith("'") ? texts[0].slice(1, -1).replaceAll("\\'", "'") : '');
    return only((row) => {
      const value = operand.read(row);
      return value !== null && fits(pattern, plainText(value).toLowerCase());
    });
  }
  if (operator === 'INCLUDES' || operator === 'EXCLUDES') {
    const wanted = texts.map((text) => unquote(text).split(';'));
    return only((row) => {
      const have = new Set(plainText(operand.read(row)).split(';'));
      return wanted.some((all) => all.every((one) => have.has(one))) === (operator === 'INCLUDES');
    });
  }
  const literals = texts.map((text) => literal(scope, text, field));
  if (operator === 'IN' || operator === 'NOT IN') {
    const set = new Set<FieldValue>(literals.map(({ value, range }) => (range && value === null ? null : value)));
    const test: Predicate<T> = operator === 'IN' ? (row) => set.has(get(row)) : (row) => !set.has(get(row));
    return operator === 'IN' ? withIndex(operand, [...set], test) : only(test);
  }
  const [{ value, range } = { value: null, range: null }] = literals;
  if (range) {
    const test = rangeTest(operator, range);
    return only((row) => {
      const have = operand.read(row);
      return typeof have === 'string' ? test(Date.parse(have)) : operator === '!=';
    });
  }
  if (operator === '=') return withIndex(operand, [value], (row) => get(row) === value);
  if (operator === '!=') return only((row) => get(row) !== value);
  if (value === null || typeof value === 'boolean')
    throw nameError(scope.soql, 'INVALID_FIELD', field?.name ?? '', 'invalid operator on null or boolean value');
  const ordered = (test: (a: string | number, b: string | number) => boolean): Filter<T> =>
    only((row) => {
      const have = get(row);
      return (typeof have === 'string' || typeof have === 'number') && test(have, value);
    });
  switch (operator) {
    case '<':
      return ordered((a, b) => a < b);
    case '<=':
      return ordered((a, b) => a <= b);
    case '>':
      return ordered((a, b) => a > b);
    case '>=':
      return ordered((a, b) => a >= b);
    default:
      throw soqlError('MALFORMED_QUERY', `unexpected token: '${operator}'`);
  }
}

function withIndex<T>(operand: Operand<T>, values: FieldValue[], test: Predicate<T>): Filter<T> {
  const { indexed } = operand;
  if (!indexed || values.includes(null)) return { test, candidates: null, size: Infinity };
  return {
    test,
    size: values.length,
    candidates: () => {
      const found = new Map<Stored, StoredRecord>();
      for (const value of values)
        for (const record of indexed.table.find(indexed.field, value as Stored)) found.set(record[0] ?? null, record);
      return found.values();
    },
  };
}

type Node = WhereClause | HavingClause;
type Token<T> = '(' | ')' | 'AND' | 'OR' | 'NOT' | Filter<T>;

/** The parser nests to the right and only counts brackets; this lays the tokens out again to be read with precedence. */
function tokensOf<T>(leaf: (condition: Condition) => Filter<T>, where: Node): Token<T>[] {
  const tokens: Token<T>[] = [];
  for (let node: Node | undefined = where; node; node = 'right' in node ? node.right : undefined) {
    const condition = node.left as Condition | null;
    if (condition) {
      for (let n = 0; n < (condition.openParen ?? 0); n++) tokens.push('(');
      if ('operator' in condition) tokens.push(leaf(condition));
      const closing = 'closeParen' in condition ? (condition.closeParen ?? 0) : 0;
      for (let n = 0; n < closing; n++) tokens.push(')');
    }
    if ('operator' in node && node.operator) tokens.push(node.operator.toUpperCase() as 'AND' | 'OR' | 'NOT');
  }
  return tokens;
}

function readTokens<T>(tokens: Token<T>[]): Filter<T> {
  let at = 0;
  const primary = (): Filter<T> => {
    const part = tokens[at++];
    if (part === 'NOT') {
      const inner = primary();
      return { test: (row) => !inner.test(row), candidates: null, size: Infinity };
    }
    if (part === '(') {
      const inner = either();
      at++;
      return inner;
    }
    if (typeof part === 'object') return part;
    throw soqlError('MALFORMED_QUERY', `unexpected token: '${String(part ?? '<EOF>')}'`);
  };
  const both = (): Filter<T> => {
    let left = primary();
    while (tokens[at] === 'AND') {
      at++;
      const [a, b] = [left, primary()];
      const better = a.size <= b.size ? a : b;
      left = { test: (row) => a.test(row) && b.test(row), candidates: better.candidates, size: better.size };
    }
    return left;
  };
  const either = (): Filter<T> => {
    let left = both();
    while (tokens[at] === 'OR') {
      at++;
      const [a, b] = [left, both()];
      const indexed = a.candidates !== null && b.candidates !== null;
      left = {
        test: (row) => a.test(row) || b.test(row),
        candidates: indexed
          ? () =>
              new Map(
                [...(a.candidates?.() ?? []), ...(b.candidates?.() ?? [])].map((record) => [record[0], record]),
              ).values()
          : null,
        size: a.size + b.size,
      };
    }
    return left;
  };
  return either();
}

/** Compiles a WHERE or HAVING clause. `subquery` answers a semi-join with the ids it selects. */
export function compileWhere<T>(
  scope: QueryScope,
  where: Node,
  operandOf: OperandOf<T>,
  subquery: (query: Query) => Iterable<Stored>,
): Filter<T> {
  const leaf = (condition: Condition): Filter<T> => {
    if (!('operator' in condition)) throw soqlError('MALFORMED_QUERY', "unexpected token: '('");
    const operand = operandOf(condition);
    const operator = condition.operator.toUpperCase() === '<>' ? '!=' : condition.operator.toUpperCase();
    if ('valueQuery' in condition) {
      const values = [...new Set(subquery(condition.valueQuery as Query))].filter((value) => value !== null);
      const set = new Set<FieldValue>(values);
      const test: Predicate<T> = (row) => set.has(operand.read(row)) === (operator === 'IN');
      return operator === 'IN' ? withIndex(operand, values, test) : { test, candidates: null, size: Infinity };
    }
    if (!('value' in condition)) throw soqlError('MALFORMED_QUERY', "unexpected token: '<EOF>'");
    const texts = (Array.isArray(condition.value) ? condition.value : [condition.value]).map(String);
    return comparison(scope, operand, operator, texts);
  };
  return readTokens(tokensOf(leaf, where));
}

/** Operands of a WHERE clause over records of `table`. */
export function recordOperand(
  scope: QueryScope,
  table: RecordTable,
  alias: string | undefined,
): OperandOf<StoredRecord> {
  return ({ field: path, fn }) => {
    if (fn) {
      const name = (fn.functionName ?? '').toUpperCase();
      const [parameter] = fn.parameters ?? [];
      if (!DATE_FUNCTIONS.has(name) || typeof parameter !== 'string')
        throw soqlError('MALFORMED_QUERY', `unexpected token: '${fn.rawValue ?? name}'`);
      const inner = resolvePath(scope, table, withoutAlias(parameter, alias));
      return {
        field: null,
        indexed: null,
        read: (record) => {
          const value = inner.read(record);
          return typeof value === 'string' ? dateFunction(name, value) : null;
        },
      };
    }
    const resolved = resolvePath(scope, table, withoutAlias(path ?? '', alias));
    const own = resolved.names.length === 1 ? resolved.field : null;
    if (resolved.field && resolved.field.type === 'textarea' && resolved.field.length > 255)
      throw nameError(
        scope.soql,
        'INVALID_FIELD',
        resolved.field.name,
        `field '${resolved.field.name}' can not be filtered in a query call`,
      );
    return {
      field: resolved.field,
      read: resolved.read,
      indexed: own && table.hasIndex(own) ? { table, field: own } : null,
    };
  };
}

export function withoutAlias(path: string, alias: string | undefined): string[] {
  const names = path.split('.');
  return alias !== undefined && names.length > 1 && names[0]?.toLowerCase() === alias.toLowerCase()
    ? names.slice(1)
    : names;
}
