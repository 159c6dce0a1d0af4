import { parseQuery, type Condition, type Query, type WhereClause } from '@jetstreamapp/soql-parser-js';
import type { RecordStore, RecordTable, Stored, StoredRecord } from './record-store.ts';
import type { Field } from './schema.ts';

/** A SOQL error as REST answers it. */
export class SoqlError extends Error {
  readonly errorCode: string;
  constructor(errorCode: string, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}

type Predicate = (record: StoredRecord) => boolean;
type Read = (record: StoredRecord) => Stored;

/** A selected column: its header in CSV results, its path in JSON results, and how to read it. */
export interface SelectedColumn {
  readonly header: string;
  readonly path: string[];
  readonly field: Field | null;
  readonly read: Read;
}

export interface SoqlResult {
  readonly table: RecordTable;
  readonly columns: SelectedColumn[];
  readonly records: StoredRecord[];
  /** Set for `SELECT COUNT()`, which has a size and no records. */
  readonly countOnly: boolean;
  /** Set for aggregates without GROUP BY: the one row they give. */
  readonly aggregates: Record<string, Stored> | null;
}

function fieldPath(store: RecordStore, table: RecordTable, path: string[]): { field: Field; read: Read } {
  const [head, ...rest] = path;
  if (rest.length === 0) {
    const field = table.object.byName.get((head ?? '').toLowerCase());
    if (!field) {
      throw new SoqlError(
        'INVALID_FIELD',
        `No such column '${head ?? ''}' on entity '${table.object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
      );
    }
    return { field, read: (record) => record[field.name] ?? null };
  }
  const lookup = table.object.fields.find(
    (field) => field.relationshipName?.toLowerCase() === (head ?? '').toLowerCase(),
  );
  const parent = lookup && store.table(lookup.referenceTo[0] ?? '');
  if (!lookup || !parent) {
    throw new SoqlError(
      'INVALID_FIELD',
      `Didn't understand relationship '${head ?? ''}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.`,
    );
  }
  const inner = fieldPath(store, parent, rest);
  return {
    field: inner.field,
    read: (record) => {
      const parentRecord = parent.records.get(String(record[lookup.name] ?? ''));
      return parentRecord ? inner.read(parentRecord) : null;
    },
  };
}

function unquote(text: string): string {
  return text
    .replace(/^'|'$/g, '')
    .replace(/\\(['"\\nrtbf_%])/g, (_all, c: string) => ({ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' })[c] ?? c);
}

function literal(text: string, field: Field): Stored {
  if (text.startsWith("'")) return unquote(text);
  if (/^null$/i.test(text)) return null;
  if (/^(?:true|false)$/i.test(text)) return /^true$/i.test(text);
  if (field.type === 'date') return text;
  if (field.type === 'datetime') return `${new Date(text).toISOString().slice(0, 19)}.000Z`;
  return Number(text);
}

function folded(value: Stored, field: Field): Stored {
  return typeof value === 'string' && !field.caseSensitive && field.type !== 'id' && field.type !== 'reference'
    ? value.toLowerCase()
    : value;
}

/** LIKE: % any run, _ one character, case ignored. */
function likePattern(pattern: string): RegExp {
  const source = [...pattern]
    .map((c) => (c === '%' ? '[^]*' : c === '_' ? '[^]' : c.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  // The pattern is escaped character by character above.
  // eslint-disable-next-line security/detect-non-literal-regexp -- see above
  return new RegExp(`^${source}$`, 'i');
}

function compare(store: RecordStore, table: RecordTable, condition: Condition): Predicate {
  if (!('field' in condition) || !('operator' in condition) || !('value' in condition)) {
    throw new SoqlError('MALFORMED_QUERY', 'unexpected token in the WHERE clause');
  }
  const { field, read } = fieldPath(store, table, condition.field.split('.'));
  const operator = condition.operator.toUpperCase();
  const texts = Array.isArray(condition.value) ? condition.value : [condition.value];
  const values = texts.map((text) => folded(literal(String(text), field), field));
  const [first = null] = values;
  const get: Read = (record) => folded(read(record), field);
  const ordered = (test: (a: string | number | boolean, b: string | number | boolean) => boolean): Predicate => {
    return (record) => {
      const value = get(record);
      return value !== null && first !== null && test(value, first);
    };
  };
  switch (operator) {
    case '=':
      return (record) => get(record) === first;
    case '!=':
    case '<>':
      return (record) => get(record) !== first;
    case '<':
      return ordered((a, b) => a < b);
    case '<=':
      return ordered((a, b) => a <= b);
    case '>':
      return ordered((a, b) => a > b);
    case '>=':
      return ordered((a, b) => a >= b);
    case 'IN': {
      const set = new Set(values);
      return (record) => set.has(get(record));
    }
    case 'NOT IN': {
      const set = new Set(values);
      return (record) => !set.has(get(record));
    }
    case 'LIKE': {
      const pattern = likePattern(String(first));
      return (record) => pattern.test(String(read(record) ?? ''));
    }
    case 'INCLUDES':
    case 'EXCLUDES': {
      const wanted = texts.map((text) => unquote(String(text)).split(';'));
      return (record) => {
        const have = new Set(String(read(record) ?? '').split(';'));
        return wanted.some((all) => all.every((one) => have.has(one))) === (operator === 'INCLUDES');
      };
    }
    default:
      throw new SoqlError('MALFORMED_QUERY', `unexpected token: ${operator}`);
  }
}

type Token = '(' | ')' | 'AND' | 'OR' | 'NOT' | Predicate;

/** The parser nests to the right and only counts brackets; this lays the tokens out again and reads them with precedence. */
function tokensOf(store: RecordStore, table: RecordTable, where: WhereClause): Token[] {
  const tokens: Token[] = [];
  for (let node: WhereClause | undefined = where; node; node = 'right' in node ? node.right : undefined) {
    const condition = node.left;
    if (condition) {
      for (let n = 0; n < (condition.openParen ?? 0); n++) tokens.push('(');
      if ('field' in condition || 'fn' in condition) tokens.push(compare(store, table, condition as Condition));
      const closing = 'closeParen' in condition ? (condition.closeParen ?? 0) : 0;
      for (let n = 0; n < closing; n++) tokens.push(')');
    }
    if ('operator' in node && node.operator) tokens.push(node.operator.toUpperCase() as 'AND' | 'OR' | 'NOT');
  }
  return tokens;
}

function readPredicate(tokens: Token[]): Predicate {
  const primary = (): Predicate => {
    const part = tokens.shift();
    if (part === 'NOT') {
      const inner = primary();
      return (record) => !inner(record);
    }
    if (part === '(') {
      const inner = either();
      tokens.shift();
      return inner;
    }
    if (typeof part === 'function') return part;
    throw new SoqlError('MALFORMED_QUERY', `unexpected token: ${String(part)}`);
  };
  const both = (): Predicate => {
    let left = primary();
    while (tokens[0] === 'AND') {
      tokens.shift();
      const [a, b] = [left, primary()];
      left = (record) => a(record) && b(record);
    }
    return left;
  };
  const either = (): Predicate => {
    let left = both();
    while (tokens[0] === 'OR') {
      tokens.shift();
      const [a, b] = [left, both()];
      left = (record) => a(record) || b(record);
    }
    return left;
  };
  return either();
}

/** Candidates by index where the first condition is `indexed = x` or `indexed IN (…)` and everything else is ANDed to it. */
function candidates(table: RecordTable, query: Query): Iterable<StoredRecord> {
  let node: WhereClause | undefined = query.where;
  const first = node?.left;
  const single = node !== undefined && !('right' in node && node.right);
  for (; node; node = 'right' in node ? node.right : undefined) {
    if ('operator' in node && node.operator && node.operator !== 'AND') return table.records.values();
  }
  if (!first || !('field' in first) || !('value' in first) || (!single && first.openParen))
    return table.records.values();
  const field = table.object.byName.get(String(first.field).toLowerCase());
  const operator = 'operator' in first ? first.operator.toUpperCase() : '';
  if (!field || !table.hasIndex(field) || (operator !== '=' && operator !== 'IN')) return table.records.values();
  const texts = Array.isArray(first.value) ? first.value : [first.value];
  const found = new Map<string, StoredRecord>();
  for (const text of texts)
    for (const record of table.find(field, literal(String(text), field))) found.set(record.Id, record);
  return found.values();
}

function parse(soql: string): Query {
  try {
    return parseQuery(soql);
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new SoqlError('MALFORMED_QUERY', `unexpected token: ${message}`);
  }
}

export function runSoql(store: RecordStore, soql: string): SoqlResult {
  const query = parse(soql);
  const table = store.table(query.sObject ?? '');
  if (!table) {
    throw new SoqlError(
      'INVALID_TYPE',
      `sObject type '${query.sObject ?? ''}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  }
  const columns: SelectedColumn[] = [];
  const aggregateFields: { name: string; fn: string; read: Read | null }[] = [];
  let countOnly = false;
  for (const selected of query.fields ?? []) {
    if (selected.type === 'Field') {
      const { field, read } = fieldPath(store, table, [selected.field]);
      columns.push({ header: field.name, path: [field.name], field, read });
    } else if (selected.type === 'FieldRelationship') {
      const path = [...selected.relationships, selected.field];
      const { field, read } = fieldPath(store, table, path);
      columns.push({ header: path.join('.'), path, field, read });
    } else if (selected.type === 'FieldFunctionExpression') {
      const fn = selected.functionName.toUpperCase();
      const [parameter] = selected.parameters;
      if (fn === 'COUNT' && parameter === undefined) countOnly = true;
      else {
        const read = typeof parameter === 'string' ? fieldPath(store, table, parameter.split('.')).read : null;
        aggregateFields.push({ name: selected.alias ?? `expr${aggregateFields.length}`, fn, read });
      }
    } else {
      throw new SoqlError('MALFORMED_QUERY', `${selected.type} is not simulated by the practice org`);
    }
  }
  const matches = query.where ? readPredicate(tokensOf(store, table, query.where)) : () => true;
  let records: StoredRecord[] = [];
  for (const record of candidates(table, query)) if (matches(record)) records.push(record);

  const orders = query.orderBy === undefined ? [] : Array.isArray(query.orderBy) ? query.orderBy : [query.orderBy];
  if (orders.length > 0) {
    const keys = orders.map((order) => ({
      read: fieldPath(store, table, ('field' in order ? String(order.field) : '').split('.')).read,
      sign: order.order === 'DESC' ? -1 : 1,
      nulls: order.nulls === 'LAST' ? 1 : -1,
    }));
    records.sort((a, b) => {
      for (const { read, sign, nulls } of keys) {
        const [x, y] = [read(a), read(b)];
        if (x === y) continue;
        if (x === null) return nulls;
        if (y === null) return -nulls;
        return x < y ? -sign : sign;
      }
      return 0;
    });
  }
  if (query.offset) records = records.slice(query.offset);
  if (query.limit !== undefined) records = records.slice(0, query.limit);
  return {
    table,
    columns,
    records,
    countOnly,
    aggregates: aggregateFields.length > 0 ? aggregate(aggregateFields, records) : null,
  };
}

function aggregate(
  fields: { name: string; fn: string; read: Read | null }[],
  records: StoredRecord[],
): Record<string, Stored> {
  const row: Record<string, Stored> = {};
  for (const { name, fn, read } of fields) {
    const values = records.map((record) => (read ? read(record) : record.Id)).filter((value) => value !== null);
    const numbers = values.map(Number);
    if (fn === 'COUNT') row[name] = values.length;
    else if (fn === 'COUNT_DISTINCT') row[name] = new Set(values).size;
    else if (fn === 'SUM') row[name] = numbers.reduce((a, b) => a + b, 0);
    else if (fn === 'AVG') row[name] = numbers.length > 0 ? numbers.reduce((a, b) => a + b, 0) / numbers.length : null;
    else if (fn === 'MIN') row[name] = values.reduce<Stored>((a, b) => (a === null || b < a ? b : a), null);
    else if (fn === 'MAX') row[name] = values.reduce<Stored>((a, b) => (a === null || b > a ? b : a), null);
    else throw new SoqlError('MALFORMED_QUERY', `unexpected function: ${fn}`);
  }
  return row;
}
