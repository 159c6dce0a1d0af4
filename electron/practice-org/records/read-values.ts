import { parseJsonValue, parseText, xsdName } from './field-values.ts';
import { idOf, type RecordStore, type RecordTable } from './record-store.ts';
import { AssignedValues } from './assigned-values.ts';
import { refuse } from './save-error.ts';
import type { Field } from '../schema/schema.ts';
import { ApiError } from '../http/api-error.ts';
import { plainText } from '../http/plain-text.ts';

/** A column of an uploaded CSV, resolved against the object once a job. */
export type ColumnTarget =
  | { readonly kind: 'field'; readonly field: Field }
  | { readonly kind: 'parent'; readonly field: Field; readonly parent: RecordTable; readonly parentField: Field };

/** Header cell → field, or null if there is no such field (Bulk API 2.0 guide, "Relationship Fields in a Header Row"). */
export function resolveColumn(store: RecordStore, table: RecordTable, header: string): ColumnTarget | null {
  const own = table.field(header.trim());
  if (own) return { kind: 'field', field: own };
  const match = /^(?:(\w+):)?(\w+)\.(\w+)$/.exec(header.trim());
  if (!match) return null;
  const field = table.lookup(match[2] ?? '');
  const parent = store.table(match[1] ?? field?.referenceTo[0] ?? '');
  const parentField = parent?.field(match[3] ?? '');
  if (!field || !parent || !field.referenceTo.includes(parent.object.name) || !parentField?.idLookup) return null;
  return { kind: 'parent', field, parent, parentField };
}

function parentByKey(parent: RecordTable, field: Field, key: string): string {
  const found = parent.find(field, key);
  if (found.length === 0)
    refuse(
      'INVALID_FIELD',
      `Foreign key external ID: ${key.toLowerCase()} not found for field ${field.name} in entity ${parent.object.name}`,
    );
  if (found.length > 1)
    refuse('INVALID_FIELD', `More than one record found for external id field: [${found.map(idOf).join(', ')}]`);
  const [record] = found;
  return record ? idOf(record) : '';
}

/** A row of an upload, into `values`: an empty cell says nothing, `#N/A` says null. Throws `Refused`. */
export function readCells(
  targets: readonly ColumnTarget[],
  cells: readonly string[],
  values = new AssignedValues(),
): AssignedValues {
  values.clear();
  for (let column = 0; column < targets.length; column++) {
    const text = cells[column] ?? '';
    const target = targets[column];
    if (text === '' || target === undefined) continue;
    const { field } = target;
    if (text === '#N/A') {
      values.set(field, null);
    } else if (target.kind === 'field') {
      const value = parseText(field, text);
      if (value === undefined)
        refuse(
          'INVALID_FIELD',
          `Failed to deserialize field at col ${column}. Due to, '${text}' is not a valid value for the type ${xsdName(field)}`,
          [field.name],
        );
      values.set(field, value);
    } else {
      values.set(field, parentByKey(target.parent, target.parentField, text));
    }
  }
  return values;
}

const JSON_KINDS: Record<string, string> = { string: 'VALUE_STRING', number: 'VALUE_NUMBER', boolean: 'VALUE_TRUE' };

/**
 * A record in a REST body: fields by API name, and `Relationship: {ExternalId: key}` for lookups. An unknown field or a
 * value that its type cannot take fails the whole request (`ApiError`); a parent that is not there fails the record.
 */
export function readJsonRecord(
  store: RecordStore,
  table: RecordTable,
  body: Record<string, unknown>,
): { values: AssignedValues; resolve: () => void } {
  const values = new AssignedValues();
  const parents: (() => void)[] = [];
  for (const [key, value] of Object.entries(body)) {
    if (key === 'attributes') continue;
    const field = table.field(key);
    if (field) {
      const parsed = parseJsonValue(field, value);
      if (parsed === undefined)
        throw new ApiError(
          400,
          'JSON_PARSER_ERROR',
          `Cannot deserialize instance of ${field.type} from ${JSON_KINDS[typeof value] ?? 'START_OBJECT'} value ${plainText(value) || '{}'} or request may be missing a required field at [line:1, column:1]`,
        );
      values.set(field, parsed);
      continue;
    }
    const lookup = table.lookup(key);
    const pair = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
    if (!lookup || (!pair && value !== null)) {
      throw new ApiError(400, 'INVALID_FIELD', `No such column '${key}' on sobject of type ${table.object.name}`);
    }
    if (!pair) {
      values.set(lookup, null);
      continue;
    }
    const attributes = pair['attributes'] as { type?: unknown } | undefined;
    const parent = store.table(typeof attributes?.type === 'string' ? attributes.type : (lookup.referenceTo[0] ?? ''));
    const [name = '', given] = Object.entries(pair).find(([inner]) => inner !== 'attributes') ?? [];
    const parentField = parent?.field(name);
    if (!parent || !parentField?.idLookup)
      throw new ApiError(
        400,
        'INVALID_FIELD',
        `No such column '${name}' on sobject of type ${parent?.object.name ?? key}`,
      );
    parents.push(() => void values.set(lookup, parentByKey(parent, parentField, String(given))));
  }
  return { values, resolve: () => parents.forEach((parent) => parent()) };
}
