import type { FieldType, OrderByClause, Query, QueryBase, Subquery } from '@jetstreamapp/soql-parser-js';
import type { FieldValue, OrgData, Session } from '../records/org-data.ts';
import { idOf, type RecordTable, type Stored, type StoredRecord } from '../records/record-store.ts';
import { childFields, childRelationshipName, type Field } from '../schema/schema.ts';
import { aggregateRows, isAggregate, type AggregateRow } from './aggregate.ts';
import { DATE_FUNCTIONS, dateFunction } from './date-literals.ts';
import { followLookup, lookupOf, resolvePath, type QueryScope, type Read } from './field-path.ts';
import { ownPermissions } from './own-permissions.ts';
import { nameError, parseSoql } from './parse-soql.ts';
import { compareBy, directionOf, type SortKey } from './order-by.ts';
import { soqlError } from './soql-error.ts';
import { compileWhere, recordOperand, withoutAlias } from './where.ts';

/** A selected column: its header in CSV results, its place in JSON results, and how to read it. */
export interface ValueEntry {
  readonly kind: 'value';
  readonly name: string;
  readonly header: string;
  readonly field: Field | null;
  readonly read: Read;
}
export interface ParentEntry {
  readonly kind: 'parent';
  readonly name: string;
  readonly follow: (record: StoredRecord) => { table: RecordTable; record: StoredRecord } | null;
  /** They read from the record that the query selects, not from the parent. */
  readonly entries: Entry[];
}
interface ChildrenEntry {
  readonly kind: 'children';
  readonly name: string;
  readonly entries: readonly Entry[];
  readonly of: (record: StoredRecord) => SoqlResult;
}
interface TypeOfEntry {
  readonly kind: 'typeof';
  readonly name: string;
  readonly of: (record: StoredRecord) => { table: RecordTable; record: StoredRecord; entries: readonly Entry[] } | null;
}
export type Entry = ValueEntry | ParentEntry | ChildrenEntry | TypeOfEntry;

export interface SoqlResult {
  readonly table: RecordTable;
  readonly entries: readonly Entry[];
  readonly records: readonly StoredRecord[];
  /** Set for `SELECT COUNT()`, which has a size and no records. */
  readonly countOnly: boolean;
  readonly aggregates: readonly AggregateRow[] | null;
}

interface Plan {
  readonly table: RecordTable;
  readonly entries: readonly Entry[];
  /** Pauses every few thousand records, so that a long scan can give way. */
  readonly run: (among?: Iterable<StoredRecord>) => Generator<undefined, SoqlResult>;
}

const SLICE = 4096;
const MAX_OFFSET = 2000;

function tableNamed(scope: QueryScope, name: string): RecordTable {
  const table = scope.data.store.table(name);
  if (!table || table.object.event)
    throw nameError(
      scope.soql,
      'INVALID_TYPE',
      name,
      `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  return table;
}

/** Columns of FIELDS(ALL | STANDARD | CUSTOM). */
function fieldSet(scope: QueryScope, table: RecordTable, which: string, query: QueryBase): Entry[] {
  const set = which.toUpperCase();
  if (set !== 'STANDARD' && (query.limit === undefined || query.limit > 200))
    throw soqlError('MALFORMED_QUERY', 'The SOQL FIELDS function must have a LIMIT of at most 200');
  return table.object.fields
    .filter((field) => scope.session.profile.mayRead(table.object, field))
    .filter((field) => set === 'ALL' || field.custom === (set === 'CUSTOM'))
    .map((field) => valueEntry(scope, table, [field.name]));
}

function valueEntry(scope: QueryScope, table: RecordTable, names: readonly string[]): ValueEntry {
  const { field, read, names: proper } = resolvePath(scope, table, names);
  return { kind: 'value', name: proper.at(-1) ?? '', header: proper.join('.'), field, read };
}

/** Puts `Account.Owner.Name` where JSON has it: Account: { Owner: { Name } }. */
function addParentPath(
  scope: QueryScope,
  table: RecordTable,
  entries: Entry[],
  names: readonly string[],
  leaf: ValueEntry,
): void {
  let level = entries;
  let follow = (record: StoredRecord): { table: RecordTable; record: StoredRecord } | null => ({ table, record });
  let tables = [table];
  for (const name of names.slice(0, -1)) {
    const lookups = tables.flatMap((one) => one.lookup(name) ?? []);
    const before = follow;
    follow = (record) => {
      const from = before(record);
      const lookup = from?.table.lookup(name);
      return from && lookup ? followLookup(scope.data, lookup, from.record) : null;
    };
    tables = lookups.flatMap((field) => field.referenceTo.flatMap((target) => scope.data.store.table(target) ?? []));
    const proper = lookups[0]?.relationshipName ?? name;
    let parent = level.find((entry): entry is ParentEntry => entry.kind === 'parent' && entry.name === proper);
    if (!parent) {
      parent = { kind: 'parent', name: proper, follow, entries: [] };
      level.push(parent);
    }
    level = parent.entries;
  }
  level.push(leaf);
}

function childPlan(scope: QueryScope, parent: RecordTable, subquery: Subquery): ChildrenEntry {
  const wanted = subquery.relationshipName.toLowerCase();
  const found = childFields(scope.data.schema, parent.object).find(
    ({ object, field }) => childRelationshipName(object, field)?.toLowerCase() === wanted,
  );
  const child = found && scope.data.store.table(found.object.name);
  if (!found || !child)
    throw nameError(
      scope.soql,
      'INVALID_TYPE',
      subquery.relationshipName,
      `Didn't understand relationship '${subquery.relationshipName}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  const plan = planQuery(scope, child, subquery, false);
  return {
    kind: 'children',
    name: childRelationshipName(found.object, found.field) ?? subquery.relationshipName,
    entries: plan.entries,
    of: (record) => finish(plan.run(child.find(found.field, idOf(record)))),
  };
}

function selectEntries(
  scope: QueryScope,
  table: RecordTable,
  query: QueryBase,
  selected: FieldType,
  entries: Entry[],
): void {
  const alias = query.sObjectAlias;
  switch (selected.type) {
    case 'Field': {
      const name = selected.field;
      entries.push(valueEntry(scope, table, [name]));
      return;
    }
    case 'FieldRelationship': {
      const path =
        'objectPrefix' in selected
          ? [selected.objectPrefix, ...selected.relationships, selected.field]
          : [...selected.relationships, selected.field];
      const names = withoutAlias(path.join('.'), alias);
      const leaf = valueEntry(scope, table, names);
      if (names.length === 1) entries.push(leaf);
      else addParentPath(scope, table, entries, names, leaf);
      return;
    }
    case 'FieldSubquery':
      entries.push(childPlan(scope, table, selected.subquery));
      return;
    case 'FieldTypeof': {
      const lookup = lookupOf(scope, table, selected.field);
      const byType = new Map<string, Entry[]>();
      let otherwise: string[] = [];
      for (const { type, objectType, fieldList } of selected.conditions) {
        if (type === 'ELSE') otherwise = fieldList;
        else if (objectType !== undefined) {
          const target = tableNamed(scope, objectType);
          byType.set(
            target.object.name,
            fieldList.map((name) => valueEntry(scope, target, name.split('.'))),
          );
        }
      }
      entries.push({
        kind: 'typeof',
        name: lookup.relationshipName ?? selected.field,
        of: (record) => {
          const target = followLookup(scope.data, lookup, record);
          if (!target) return null;
          const chosen =
            byType.get(target.table.object.name) ??
            otherwise.map((name) => valueEntry(scope, target.table, name.split('.')));
          return { ...target, entries: chosen };
        },
      });
      return;
    }
    case 'FieldFunctionExpression': {
      const fn = selected.functionName.toUpperCase();
      const [parameter] = selected.parameters;
      if (fn === 'FIELDS' && typeof parameter === 'string') {
        entries.push(...fieldSet(scope, table, parameter, query));
        return;
      }
      if (typeof parameter !== 'string')
        throw soqlError('MALFORMED_QUERY', `unexpected token: '${selected.functionName}'`);
      const names = withoutAlias(parameter, alias);
      const inner = valueEntry(scope, table, names);
      const name =
        selected.alias ?? (fn === 'TOLABEL' || fn === 'FORMAT' || fn === 'CONVERTCURRENCY' ? inner.name : 'expr0');
      if (fn === 'TOLABEL') {
        const labels = new Map(inner.field?.picklistValues.map((entry) => [entry.value, entry.label]));
        const read: Read = (record) => {
          const value = inner.read(record);
          return typeof value === 'string' ? (labels.get(value) ?? value) : value;
        };
        const leaf: ValueEntry = { ...inner, name, header: name, read };
        if (names.length === 1 || selected.alias !== undefined) entries.push(leaf);
        else addParentPath(scope, table, entries, names, leaf);
      } else if (fn === 'FORMAT' || fn === 'CONVERTCURRENCY') {
        const read: Read = (record) => {
          const value = inner.read(record);
          return fn === 'FORMAT' && typeof value === 'number' ? value.toLocaleString('en-US') : value;
        };
        entries.push({ ...inner, name, header: name, read, field: fn === 'FORMAT' ? null : inner.field });
      } else if (DATE_FUNCTIONS.has(fn)) {
        const read: Read = (record) => {
          const value = inner.read(record);
          return typeof value === 'string' ? dateFunction(fn, value) : null;
        };
        entries.push({ kind: 'value', name, header: name, field: null, read });
      } else {
        throw soqlError('MALFORMED_QUERY', `unexpected token: '${selected.functionName}'`);
      }
    }
  }
}

function compareWith(
  scope: QueryScope,
  table: RecordTable,
  alias: string | undefined,
  orders: OrderByClause[],
): (a: StoredRecord, b: StoredRecord) => number {
  const keys = orders.map((order): SortKey<StoredRecord> => {
    if (!('field' in order)) throw soqlError('MALFORMED_QUERY', `unexpected token: '${order.fn.rawValue ?? ''}'`);
    const { read, field } = resolvePath(scope, table, withoutAlias(order.field, alias));
    if (
      field &&
      ((field.type === 'textarea' && field.length > 255) || field.kind === 'compound' || field.type === 'multipicklist')
    )
      throw nameError(
        scope.soql,
        'INVALID_FIELD',
        field.name,
        `field '${field.name}' can not be sorted in a query call`,
      );
    const fold = (value: FieldValue): FieldValue => (typeof value === 'string' ? value.toLowerCase() : value);
    return {
      read: (record) => fold(read(record)),
      ...directionOf(order),
    };
  });
  return compareBy(keys);
}

function planQuery(scope: QueryScope, table: RecordTable, query: QueryBase, allRows: boolean): Plan {
  const alias = query.sObjectAlias;
  if (query.offset !== undefined && query.offset > MAX_OFFSET)
    throw soqlError('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MAX_OFFSET}`);
  const selected = query.fields ?? [];
  const counting =
    selected.length === 1 &&
    isAggregate(selected[0]) &&
    selected[0].functionName.toUpperCase() === 'COUNT' &&
    selected[0].parameters.length === 0;
  const aggregated = !counting && (selected.some((field) => isAggregate(field)) || query.groupBy !== undefined);
  const entries: Entry[] = [];
  if (!counting && !aggregated) for (const field of selected) selectEntries(scope, table, query, field, entries);
  const filter = query.where
    ? compileWhere(scope, query.where, recordOperand(scope, table, alias), (inner) => semiJoin(scope, inner))
    : null;
  const orders = query.orderBy === undefined ? [] : Array.isArray(query.orderBy) ? query.orderBy : [query.orderBy];
  const compare = orders.length > 0 && !aggregated ? compareWith(scope, table, alias, orders) : null;
  const mine = query.usingScope?.toLowerCase() === 'mine' ? (table.field('OwnerId') ?? null) : null;
  const rollUp = aggregated ? aggregateRows(scope, table, query, orders) : null;

  return {
    table,
    entries,
    *run(among) {
      const records: StoredRecord[] = [];
      const enough =
        compare === null && !aggregated && !counting && query.limit !== undefined
          ? query.limit + (query.offset ?? 0)
          : Infinity;
      let seen = 0;
      const own = ownPermissions(scope.session, table);
      const sources: Iterable<StoredRecord>[] = [own ?? among ?? filter?.candidates?.() ?? table.records.values()];
      if (allRows && among === undefined) sources.push(Array.from(table.bin.values(), (binned) => binned.record));
      for (const source of sources) {
        for (const record of source) {
          if (records.length >= enough) break;
          if (++seen % SLICE === 0) yield undefined;
          if (filter && !filter.test(record)) continue;
          if (table.hidden.size > 0 && table.hidden.has(idOf(record))) continue;
          if (mine && record[mine.slot] !== scope.session.userId) continue;
          records.push(record);
        }
      }
      if (rollUp) return { table, entries, records: [], countOnly: false, aggregates: rollUp(records) };
      if (compare) records.sort(compare);
      const from = query.offset ?? 0;
      const page =
        from > 0 || query.limit !== undefined ? records.slice(from, from + (query.limit ?? Infinity)) : records;
      return { table, entries, records: page, countOnly: counting, aggregates: null };
    },
  };
}

function* semiJoin(scope: QueryScope, query: Query): Iterable<Stored> {
  const table = tableNamed(scope, query.sObject ?? '');
  const plan = planQuery(scope, table, query, false);
  const [entry] = plan.entries;
  if (plan.entries.length !== 1 || entry?.kind !== 'value')
    throw soqlError('MALFORMED_QUERY', 'A semi-join sub-query selects exactly one field');
  for (const record of finish(plan.run()).records) yield entry.read(record) as Stored;
}

function finish<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

export interface SoqlOptions {
  /** `queryAll`: deleted records too. */
  readonly includeDeleted?: boolean;
}

function plan(data: OrgData, session: Session, soql: string, options: SoqlOptions): Plan {
  const parsed = parseSoql(soql);
  const scope: QueryScope = { data, session, soql };
  const table = tableNamed(scope, parsed.query.sObject ?? '');
  return planQuery(scope, table, parsed.query, Boolean(options.includeDeleted) || parsed.allRows);
}

/** Runs a query at once. Throws `ApiError` as REST answers it. */
export function runSoql(data: OrgData, session: Session, soql: string, options: SoqlOptions = {}): SoqlResult {
  return finish(plan(data, session, soql, options).run());
}

/** Compiles now and runs in slices, giving way between them; for queries over everything. */
export function startSoql(
  data: OrgData,
  session: Session,
  soql: string,
  options: SoqlOptions = {},
): { table: RecordTable; entries: readonly Entry[]; run: () => Promise<SoqlResult> } {
  const made = plan(data, session, soql, options);
  return {
    table: made.table,
    entries: made.entries,
    async run() {
      const steps = made.run();
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** Columns of a flat query, for CSV results; null if it has sub-queries. */
export function flatColumns(entries: readonly Entry[]): ValueEntry[] | null {
  const columns: ValueEntry[] = [];
  const visit = (list: readonly Entry[]): boolean =>
    list.every((entry) => {
      if (entry.kind === 'value') return columns.push(entry) > 0;
      return entry.kind === 'parent' && visit(entry.entries);
    });
  return visit(entries) ? columns : null;
}
