import type { FieldValue, OrgData, Session } from '../records/org-data.ts';
import type { RecordTable, StoredRecord } from '../records/record-store.ts';
import type { Field } from '../schema/schema.ts';
import { nameError } from './parse-soql.ts';

export type Read = (record: StoredRecord) => FieldValue;

export interface ResolvedPath {
  readonly field: Field | null;
  readonly table: RecordTable;
  /** API names as describe spells them, relationships first. */
  readonly names: readonly string[];
  readonly read: Read;
}

export interface QueryScope {
  readonly data: OrgData;
  readonly session: Session;
  readonly soql: string;
}

/** What every target of a polymorphic lookup has (SOQL Reference, "Name" object). */
const NAME_ENTITY = new Set([
  'id',
  'name',
  'firstname',
  'lastname',
  'email',
  'phone',
  'title',
  'alias',
  'username',
  'isactive',
  'profileid',
  'userroleid',
]);

/** The record a lookup points at, with its table. */
export function followLookup(
  data: OrgData,
  lookup: Field,
  record: StoredRecord,
): { table: RecordTable; record: StoredRecord } | null {
  const id = record[lookup.slot];
  if (typeof id !== 'string') return null;
  const table = data.store.tableOfId(id);
  const found = table?.records.get(id) ?? table?.bin.get(id)?.record;
  return table && found ? { table, record: found } : null;
}

export function lookupOf(scope: QueryScope, table: RecordTable, relationship: string): Field {
  const lookup = table.lookup(relationship);
  if (!lookup)
    throw nameError(
      scope.soql,
      'INVALID_FIELD',
      relationship,
      `Didn't understand relationship '${relationship}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  return lookup;
}

export function noSuchColumn(scope: QueryScope, table: RecordTable, name: string): Error {
  return nameError(
    scope.soql,
    'INVALID_FIELD',
    name,
    `No such column '${name}' on entity '${table.object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

/** `Field` or `Parent.Grandparent.Field`, at most five parents up. */
export function resolvePath(scope: QueryScope, table: RecordTable, names: readonly string[]): ResolvedPath {
  const [head = '', ...rest] = names;
  const { data } = scope;
  if (rest.length === 0) {
    const field = table.field(head);
    if (!field || !scope.session.profile.mayRead(table.object, field)) throw noSuchColumn(scope, table, head);
    if (field.kind === 'stored') {
      const { slot } = field;
      return { field, table, names: [field.name], read: (record) => record[slot] ?? null };
    }
    return { field, table, names: [field.name], read: (record) => data.read(table, record, field) };
  }
  if (rest.length > 5)
    throw nameError(
      scope.soql,
      'INVALID_FIELD',
      names.join('.'),
      'a relationship path may be at most five levels deep',
    );
  const lookup = lookupOf(scope, table, head);
  const relationship = lookup.relationshipName ?? head;
  const targets = lookup.referenceTo.flatMap((name) => data.store.table(name) ?? []);
  if (targets.length <= 1) {
    const [parent] = targets;
    if (!parent) throw noSuchColumn(scope, table, head);
    const inner = resolvePath(scope, parent, rest);
    return {
      field: inner.field,
      table: inner.table,
      names: [relationship, ...inner.names],
      read: (record) => {
        const found = followLookup(data, lookup, record);
        return found ? inner.read(found.record) : null;
      },
    };
  }
  const [last = ''] = rest;
  const byTable = new Map<RecordTable, ResolvedPath>();
  for (const target of targets) {
    if (rest.length > 1 || target.field(last)) {
      try {
        byTable.set(target, resolvePath(scope, target, rest));
      } catch {
        // A polymorphic lookup's other targets may have the field.
      }
    }
  }
  if (last.toLowerCase() === 'type' && rest.length === 1) {
    return {
      field: null,
      table,
      names: [relationship, 'Type'],
      read: (record) => followLookup(data, lookup, record)?.table.object.name ?? null,
    };
  }
  const first = byTable.values().next().value;
  if (!first || (rest.length === 1 && !NAME_ENTITY.has(last.toLowerCase())))
    throw nameError(
      scope.soql,
      'INVALID_FIELD',
      last,
      `No such column '${last}' on entity 'Name'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  return {
    field: first.field,
    table: first.table,
    names: [relationship, ...first.names],
    read: (record) => {
      const found = followLookup(data, lookup, record);
      return found ? (byTable.get(found.table)?.read(found.record) ?? null) : null;
    },
  };
}
