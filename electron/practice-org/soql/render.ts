import type { FieldValue } from '../records/org-data.ts';
import { idOf, type RecordTable, type StoredRecord } from '../records/record-store.ts';
import type { Field } from '../schema/schema.ts';
import type { Entry, SoqlResult } from './run-soql.ts';

/** REST prints moments with a numeric offset (REST API Developer Guide, "Valid Date and DateTime Formats"). */
export function jsonValue(field: Field | null, value: FieldValue): FieldValue {
  return field?.type === 'datetime' && typeof value === 'string' ? value.replace(/Z$/, '+0000') : value;
}

function attributes(table: RecordTable, record: StoredRecord, version: string): Record<string, string> {
  return {
    type: table.object.name,
    url: `/services/data/v${version}/sobjects/${table.object.name}/${idOf(record)}`,
  };
}

function fill(row: Record<string, unknown>, entries: readonly Entry[], record: StoredRecord, version: string): void {
  for (const entry of entries) {
    switch (entry.kind) {
      case 'value':
        row[entry.name] = jsonValue(entry.field, entry.read(record));
        break;
      case 'parent': {
        const target = entry.follow(record);
        const inner: Record<string, unknown> = target
          ? { attributes: attributes(target.table, target.record, version) }
          : {};
        if (target) fill(inner, entry.entries, record, version);
        row[entry.name] = target ? inner : null;
        break;
      }
      case 'typeof': {
        const target = entry.of(record);
        const inner: Record<string, unknown> = target
          ? { attributes: attributes(target.table, target.record, version) }
          : {};
        if (target) fill(inner, target.entries, target.record, version);
        row[entry.name] = target ? inner : null;
        break;
      }
      case 'children': {
        const result = entry.of(record);
        row[entry.name] =
          result.records.length === 0
            ? null
            : {
                totalSize: result.records.length,
                done: true,
                records: result.records.map((child) => renderRecord(result, child, version)),
              };
      }
    }
  }
}

/** A record as `query` answers it. */
export function renderRecord(
  result: Pick<SoqlResult, 'table' | 'entries'>,
  record: StoredRecord,
  version: string,
): Record<string, unknown> {
  const row: Record<string, unknown> = { attributes: attributes(result.table, record, version) };
  fill(row, result.entries, record, version);
  return row;
}

/** What `query?columns=true` answers, which `sf data query` needs for its tables. */
export function columnMetadata(result: SoqlResult, soql: string): Record<string, unknown> {
  const column = (name: string, display: string, field: Field | null, more: object = {}): Record<string, unknown> => ({
    aggregate: false,
    apexType: null,
    booleanType: field?.type === 'boolean',
    columnName: name,
    custom: field?.custom ?? false,
    displayName: display,
    foreignKeyName: null,
    insertable: field?.createable ?? false,
    joinColumns: [],
    numberType: field !== null && ['int', 'long', 'double', 'currency', 'percent'].includes(field.type),
    textType: field === null || !['int', 'long', 'double', 'currency', 'percent', 'boolean'].includes(field.type),
    updatable: field?.updateable ?? false,
    ...more,
  });
  const ofEntry = (entry: Entry, prefix: string): Record<string, unknown> => {
    const display = prefix + entry.name;
    if (entry.kind === 'value') return column(entry.name, display, entry.field);
    if (entry.kind === 'typeof') return column(entry.name, display, null);
    const children = entry.kind === 'children';
    return column(entry.name, display, null, {
      aggregate: children,
      foreignKeyName: children ? null : entry.name,
      joinColumns: entry.entries.map((inner) => ofEntry(inner, children ? '' : `${display}.`)),
    });
  };
  const aggregateNames = result.aggregates ? Object.keys(result.aggregates[0] ?? {}) : [];
  return {
    columnMetadata:
      result.aggregates === null
        ? result.entries.map((entry) => ofEntry(entry, ''))
        : aggregateNames.map((name) => column(name, name, null, { aggregate: true })),
    entityName: result.table.object.name,
    groupBy: /\bGROUP\s+BY\b/i.test(soql),
    idSelected: result.entries.some((entry) => entry.kind === 'value' && entry.name === 'Id'),
    keyPrefix: result.table.object.keyPrefix,
  };
}
