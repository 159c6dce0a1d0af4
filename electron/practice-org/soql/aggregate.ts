import type {
  FieldFunctionExpression,
  FieldType,
  FunctionExp,
  GroupByClause,
  OrderByClause,
  QueryBase,
} from '@jetstreamapp/soql-parser-js';
import type { FieldValue } from '../records/org-data.ts';
import type { RecordTable, StoredRecord } from '../records/record-store.ts';
import { DATE_FUNCTIONS, dateFunction } from './date-literals.ts';
import { resolvePath, type QueryScope, type Read } from './field-path.ts';
import { nameError } from './parse-soql.ts';
import { compareBy, directionOf } from './order-by.ts';
import { soqlError } from './soql-error.ts';
import { compileWhere, withoutAlias, type Operand } from './where.ts';

/** One AggregateResult, by alias or name. */
export type AggregateRow = Readonly<Record<string, FieldValue>>;

const AGGREGATES = new Set(['COUNT', 'COUNT_DISTINCT', 'SUM', 'AVG', 'MIN', 'MAX']);

export function isAggregate(field: FieldType | undefined): field is FieldFunctionExpression {
  return field?.type === 'FieldFunctionExpression' && AGGREGATES.has(field.functionName.toUpperCase());
}

interface Group {
  readonly keys: readonly FieldValue[];
  readonly records: StoredRecord[];
}

function summarise(fn: string, read: Read | null, records: readonly StoredRecord[]): FieldValue {
  if (fn === 'COUNT' && read === null) return records.length;
  const values: FieldValue[] = [];
  for (const record of records) {
    const value = read?.(record) ?? null;
    if (value !== null) values.push(value);
  }
  switch (fn) {
    case 'COUNT':
      return values.length;
    case 'COUNT_DISTINCT':
      return new Set(values.map((value) => (typeof value === 'string' ? value.toLowerCase() : value))).size;
    case 'SUM':
      return values.length === 0 ? null : values.reduce<number>((sum, value) => sum + Number(value), 0);
    case 'AVG':
      return values.length === 0 ? null : values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length;
    case 'MIN':
      return values.reduce<FieldValue>((a, b) => (a === null || (b ?? '') < a ? b : a), null);
    default:
      return values.reduce<FieldValue>((a, b) => (a === null || (b ?? '') > a ? b : a), null);
  }
}

/** GROUP BY, aggregates, HAVING and their ORDER BY (SOQL Reference, "GROUP BY"). Compiled once, run over the matches. */
export function aggregateRows(
  scope: QueryScope,
  table: RecordTable,
  query: QueryBase,
  orders: OrderByClause[],
): (records: readonly StoredRecord[]) => AggregateRow[] {
  const alias = query.sObjectAlias;
  const resolve = (path: string) => resolvePath(scope, table, withoutAlias(path, alias));
  const clauses: GroupByClause[] =
    query.groupBy === undefined ? [] : Array.isArray(query.groupBy) ? query.groupBy : [query.groupBy];
  const keys: { text: string; read: Read }[] = [];
  let rollUp = false;
  const addKey = (clause: { field?: string; fn?: FunctionExp }): void => {
    if (clause.field !== undefined) {
      const { field, read } = resolve(clause.field);
      if (field && (field.type === 'textarea' || field.kind === 'compound' || field.type === 'multipicklist'))
        throw nameError(
          scope.soql,
          'MALFORMED_QUERY',
          field.name,
          `field '${field.name}' can not be grouped in a query call`,
        );
      keys.push({ text: clause.field.toLowerCase(), read });
      return;
    }
    const name = (clause.fn?.functionName ?? '').toUpperCase();
    const parameters = clause.fn?.parameters ?? [];
    if (name === 'ROLLUP' || name === 'CUBE') {
      rollUp = true;
      for (const parameter of parameters)
        addKey(typeof parameter === 'string' ? { field: parameter } : { fn: parameter });
      return;
    }
    const [parameter] = parameters;
    if (!DATE_FUNCTIONS.has(name) || typeof parameter !== 'string')
      throw soqlError('MALFORMED_QUERY', `unexpected token: '${clause.fn?.rawValue ?? name}'`);
    const inner = resolve(parameter);
    keys.push({
      text: `${name}(${parameter})`.toLowerCase(),
      read: (record) => {
        const value = inner.read(record);
        return typeof value === 'string' ? dateFunction(name, value) : null;
      },
    });
  };
  for (const clause of clauses) addKey(clause);

  type Column = (group: Group) => FieldValue;
  const byText = new Map<string, Column>();
  const columnOf = (text: string, fn?: FunctionExp): Column | null => {
    const known = byText.get(text.toLowerCase());
    if (known) return known;
    const at = keys.findIndex((key) => key.text === text.toLowerCase());
    if (at >= 0) return (group) => group.keys[at] ?? null;
    const name = (fn?.functionName ?? '').toUpperCase();
    if (!fn || !AGGREGATES.has(name)) return null;
    const [parameter] = fn.parameters ?? [];
    if (parameter !== undefined && typeof parameter !== 'string') return null;
    const resolved = parameter === undefined ? null : resolve(parameter);
    if (
      resolved?.field &&
      (name === 'SUM' || name === 'AVG') &&
      !['int', 'long', 'double', 'currency', 'percent'].includes(resolved.field.type)
    )
      throw nameError(
        scope.soql,
        'MALFORMED_QUERY',
        resolved.field.name,
        `field ${resolved.field.name} does not support aggregate operator ${name}`,
      );
    return (group) => summarise(name, resolved?.read ?? null, group.records);
  };

  let unnamed = 0;
  const columns = (query.fields ?? []).map((selected) => {
    if (selected.type === 'Field' || selected.type === 'FieldRelationship') {
      const path = withoutAlias(
        'rawValue' in selected && selected.rawValue
          ? selected.rawValue
          : selected.type === 'Field'
            ? selected.field
            : [...selected.relationships, selected.field].join('.'),
        alias,
      ).join('.');
      const column = columnOf(path);
      if (!column) throw nameError(scope.soql, 'MALFORMED_QUERY', path, `Field must be grouped or aggregated: ${path}`);
      const given = 'alias' in selected ? selected.alias : undefined;
      const name = given ?? resolve(path).names.at(-1) ?? path;
      return { name, column };
    }
    if (selected.type !== 'FieldFunctionExpression')
      throw soqlError('MALFORMED_QUERY', 'sub-queries are not allowed in a grouped query');
    const text = `${selected.functionName}(${selected.parameters.map((one) => (typeof one === 'string' ? one : '')).join(', ')})`;
    const name = selected.alias ?? `expr${unnamed++}`;
    const grouping = selected.functionName.toUpperCase() === 'GROUPING';
    const column = grouping ? () => 0 : columnOf(text, selected);
    if (!column) throw soqlError('MALFORMED_QUERY', `Field must be grouped or aggregated: ${text}`);
    byText.set(name.toLowerCase(), column);
    return { name, column };
  });

  const operand = (condition: { field?: string; fn?: FunctionExp }): Operand<Group> => {
    const text =
      condition.field ??
      `${condition.fn?.functionName ?? ''}(${(condition.fn?.parameters ?? []).map(String).join(', ')})`;
    const column = columnOf(text, condition.fn);
    if (!column) throw soqlError('MALFORMED_QUERY', `Field must be grouped or aggregated: ${text}`);
    return { field: null, indexed: null, read: column };
  };
  const having = query.having ? compileWhere<Group>(scope, query.having, operand, () => []) : null;
  const sorting = orders.map((order) => ({
    read: operand(order as { field?: string; fn?: FunctionExp }).read,
    ...directionOf(order),
  }));

  return (records) => {
    const groups = new Map<string, Group>();
    if (keys.length === 0) groups.set('', { keys: [], records: [...records] });
    for (const record of keys.length === 0 ? [] : records) {
      const values = keys.map((key) => key.read(record));
      // ROLLUP adds a subtotal for every shorter beginning of the keys; CUBE is answered the same way.
      for (let length = keys.length; length >= (rollUp ? 0 : keys.length); length--) {
        const own = values.map((value, index) => (index < length ? value : null));
        const text = `${length} ${JSON.stringify(own.map((value) => (typeof value === 'string' ? value.toLowerCase() : value)))}`;
        const group = groups.get(text);
        if (group) group.records.push(record);
        else groups.set(text, { keys: own, records: [record] });
      }
    }
    let chosen = [...groups.values()];
    if (having) chosen = chosen.filter((group) => having.test(group));
    chosen.sort(compareBy(sorting));
    const from = query.offset ?? 0;
    return chosen
      .slice(from, query.limit === undefined ? undefined : from + query.limit)
      .map((group) => Object.fromEntries(columns.map(({ name, column }) => [name, column(group)])));
  };
}
