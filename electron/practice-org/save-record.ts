import { normaliseRecordId } from '../../shared/domain/ids.ts';
import type { RecordStore, RecordTable, Stored, StoredRecord } from './record-store.ts';
import { isWritable, type Field, type Profile } from './schema.ts';

/** One reason a record was not saved; `bulkError` prints it as Bulk API does. */
export interface SaveError {
  statusCode: string;
  message: string;
  fields: string[];
}

export type SaveResult =
  { success: true; id: string; created: boolean } | { success: false; id: string | null; errors: SaveError[] };

/** `CODE:message:Field1 Field2 --`, and `CODE:message:--` without fields, as sf__Error has it. */
export function bulkError(errors: SaveError[]): string {
  const error = errors[0];
  if (!error) return '';
  return `${error.statusCode}:${error.message}:${error.fields.length > 0 ? `${error.fields.join(' ')} ` : ''}--`;
}

class Refused extends Error {
  readonly error: SaveError;
  constructor(statusCode: string, message: string, fields: string[] = []) {
    super(message);
    this.error = { statusCode, message, fields };
  }
}

function refuse(statusCode: string, message: string, fields: string[] = []): never {
  throw new Refused(statusCode, message, fields);
}

const XSD_NAMES: Record<string, string> = {
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  boolean: 'xsd:boolean',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  time: 'xsd:time',
};

function undeserialisable(field: Field, text: string, column: number): never {
  refuse(
    'INVALID_FIELD',
    `Failed to deserialize field at col ${column}. Due to, '${text}' is not a valid value for the type ${XSD_NAMES[field.type] ?? 'xsd:string'}`,
    [field.name],
  );
}

/** A CSV cell as its field's stored type. Bulk API trims nothing but text on save. */
function deserialise(field: Field, text: string, column: number): Stored {
  switch (field.type) {
    case 'boolean':
      if (/^(?:true|1)$/i.test(text)) return true;
      if (/^(?:false|0)$/i.test(text)) return false;
      return undeserialisable(field, text, column);
    case 'int':
    case 'double':
    case 'currency':
    case 'percent': {
      if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undeserialisable(field, text, column);
      return Number(text);
    }
    case 'date': {
      const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
      const date = match ? new Date(`${text}T00:00:00Z`) : null;
      if (!date || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text))
        return undeserialisable(field, text, column);
      return text;
    }
    case 'datetime': {
      if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})$/.test(text))
        return undeserialisable(field, text, column);
      const ms = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
      if (Number.isNaN(ms)) return undeserialisable(field, text, column);
      return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}.000Z`;
    }
    case 'time':
      if (!/^\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z?$/.test(text)) return undeserialisable(field, text, column);
      return `${text.slice(0, 8)}.000Z`;
    default:
      return text.trim();
  }
}

function checkValue(store: RecordStore, field: Field, value: Stored): Stored {
  if (value === null) return null;
  switch (field.type) {
    case 'int':
    case 'double':
    case 'currency':
    case 'percent': {
      const number = value as number;
      const limit = field.type === 'int' ? 10 ** (field.digits || 9) : 10 ** ((field.precision || 18) - field.scale);
      if (
        !Number.isFinite(number) ||
        Math.abs(number) >= limit ||
        (field.type === 'int' && !Number.isInteger(number))
      ) {
        refuse(
          'NUMBER_OUTSIDE_VALID_RANGE',
          `${field.label}: value outside of valid range on numeric field: ${number}`,
          [field.name],
        );
      }
      // Salesforce rounds to the field's scale instead of refusing.
      return Number(number.toFixed(field.scale));
    }
    case 'date':
    case 'datetime': {
      const year = Number(String(value).slice(0, 4));
      if (year < 1700 || year > 4000)
        refuse('NUMBER_OUTSIDE_VALID_RANGE', `${field.label}: invalid date: ${String(value)}`, [field.name]);
      return value;
    }
    case 'email': {
      const text = String(value).toLowerCase();
      if (!/^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/.test(text)) {
        refuse('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${String(value)}`, [field.name]);
      }
      return checkLength(field, text);
    }
    case 'picklist': {
      const entry = field.picklistValues.find(
        (candidate) => candidate.value.toLowerCase() === String(value).toLowerCase(),
      );
      if (entry) return entry.value;
      if (field.restrictedPicklist) {
        refuse(
          'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
          `${field.label}: bad value for restricted picklist field: ${String(value)}`,
          [field.name],
        );
      }
      return checkLength(field, String(value));
    }
    case 'multipicklist': {
      const parts = [
        ...new Set(
          String(value)
            .split(';')
            .map((part) => part.trim())
            .filter(Boolean),
        ),
      ];
      for (const part of parts) {
        if (field.restrictedPicklist && !field.picklistValues.some((entry) => entry.value === part)) {
          refuse(
            'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
            `${field.label}: bad value for restricted picklist field: ${part}`,
            [field.name],
          );
        }
      }
      // Salesforce gives a multi-select back in the order of its definition.
      const order = field.picklistValues.map((entry) => entry.value);
      return parts.sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(';');
    }
    case 'reference': {
      const normalised = normaliseRecordId(String(value));
      if ('problem' in normalised)
        refuse('MALFORMED_ID', `${field.label}: id value of incorrect type: ${String(value)}`, [field.name]);
      const targets = field.referenceTo.map((name) => store.table(name));
      const target = targets.find((table) => table && normalised.id.startsWith(table.object.keyPrefix));
      if (!target) refuse('MALFORMED_ID', `${field.label}: id value of incorrect type: ${String(value)}`, [field.name]);
      if (!target.records.has(normalised.id)) {
        if (target.deleted.has(normalised.id)) refuse('ENTITY_IS_DELETED', 'entity is deleted');
        refuse('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
      }
      return normalised.id;
    }
    case 'string':
    case 'textarea':
    case 'phone':
    case 'url':
      return checkLength(field, String(value));
    default:
      return value;
  }
}

function checkLength(field: Field, text: string): string {
  if (field.length > 0 && text.length > field.length) {
    refuse(
      'STRING_TOO_LONG',
      `${field.label}: data value too large: ${text.slice(0, 255)} (max length=${field.length})`,
      [field.name],
    );
  }
  return text;
}

/** A column of an uploaded CSV, resolved against the object once a job. */
export type ColumnTarget =
  { kind: 'field'; field: Field } | { kind: 'parent'; field: Field; parent: RecordTable; parentField: Field };

/** Header cell → field, or null if there is no such field (Bulk API 2.0 guide, "Relationship Fields in a Header Row"). */
export function resolveColumn(store: RecordStore, table: RecordTable, header: string): ColumnTarget | null {
  const own = table.object.byName.get(header.trim().toLowerCase());
  if (own) return { kind: 'field', field: own };
  const match = /^(?:(\w+):)?(\w+)\.(\w+)$/.exec(header.trim());
  if (!match) return null;
  const relationship = (match[2] ?? '').toLowerCase();
  const field = table.object.fields.find((candidate) => candidate.relationshipName?.toLowerCase() === relationship);
  const parentName = match[1] ?? field?.referenceTo[0];
  const parent = parentName === undefined ? undefined : store.table(parentName);
  const parentField = parent?.object.byName.get((match[3] ?? '').toLowerCase());
  if (!field || !parent || !parentField?.idLookup) return null;
  return { kind: 'parent', field, parent, parentField };
}

export interface Cell {
  target: ColumnTarget;
  text: string;
  column: number;
}

function readCells(cells: Cell[]): Map<Field, Stored> {
  const values = new Map<Field, Stored>();
  for (const { target, text, column } of cells) {
    if (text === '') continue;
    if (text === '#N/A') {
      values.set(target.field, null);
    } else if (target.kind === 'field') {
      values.set(target.field, deserialise(target.field, text, column));
    } else {
      const found = target.parent.find(target.parentField, text);
      if (found.length === 0) {
        refuse(
          'INVALID_FIELD',
          `Foreign key external ID: ${text.toLowerCase()} not found for field ${target.parentField.name} in entity ${target.parent.object.name}`,
        );
      }
      if (found.length > 1)
        refuse(
          'INVALID_FIELD',
          `More than one record found for external id field: [${found.map((r) => r.Id).join(', ')}]`,
        );
      values.set(target.field, found[0]?.Id ?? null);
    }
  }
  return values;
}

export interface SaveContext {
  store: RecordStore;
  table: RecordTable;
  userId: string;
  profile: Profile;
  now: () => number;
}

function compoundName(values: Record<string, Stored>): string {
  return [values['FirstName'], values['LastName']].filter(Boolean).join(' ');
}

function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}.000Z`;
}

/** Checks in the order Salesforce does: writable, required, value rules, unique, validation rules; then saves. */
function save(context: SaveContext, values: Map<Field, Stored>, existing: StoredRecord | undefined): SaveResult {
  const { store, table } = context;
  const operation = existing ? 'update' : 'create';
  const denied = [...values.keys()].filter(
    (field) => field.type !== 'id' && !isWritable(table.object, field, context.profile, operation),
  );
  if (denied.length > 0) {
    const names = denied.map((field) => field.name);
    refuse(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      `Unable to create/update fields: ${names.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
      names,
    );
  }
  const record: StoredRecord = existing ? { ...existing } : { Id: '' };
  if (!existing) {
    for (const field of table.object.fields) {
      if (field.type === 'boolean') record[field.name] = false;
      else if (field.defaultValue !== null) record[field.name] = field.defaultValue;
      else if (field.name === 'OwnerId') record[field.name] = context.userId;
      else record[field.name] = null;
    }
  }
  const missing = table.object.fields.filter((field) => {
    if (field.nillable || field.defaultedOnCreate || !field.createable) return false;
    const given = values.get(field);
    return existing ? given === null : given === undefined || given === null;
  });
  if (missing.length > 0) {
    const names = missing.map((field) => field.name);
    refuse('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names);
  }
  for (const [field, value] of values) {
    if (field.type === 'id') continue;
    record[field.name] = checkValue(store, field, value);
  }
  for (const field of table.object.fields) {
    if (!field.unique || !values.has(field)) continue;
    const other = table.find(field, record[field.name] ?? null).find((candidate) => candidate.Id !== existing?.Id);
    if (other)
      refuse(
        'DUPLICATE_VALUE',
        `duplicate value found: ${field.name} duplicates value on record with id: ${other.Id.slice(0, 15)}`,
      );
  }
  for (const rule of table.object.validationRules) {
    const value = record[rule.field];
    if (typeof value === 'number' && value < 0) refuse('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, [rule.field]);
  }
  const now = stamp(context.now());
  if (!existing) {
    record.Id = table.nextId();
    record['CreatedDate'] = now;
    record['CreatedById'] = context.userId;
    for (const field of table.object.fields) {
      if (field.autoNumber)
        record[field.name] = `${table.object.name.slice(0, 1)}-${String(table.nextNumber()).padStart(7, '0')}`;
    }
  }
  if (table.object.byName.get('lastname') && table.object.byName.get('name')) record['Name'] = compoundName(record);
  record['LastModifiedDate'] = now;
  record['LastModifiedById'] = context.userId;
  record['SystemModstamp'] = now;
  table.put(record);
  return { success: true, id: record.Id, created: !existing };
}

function existingById(table: RecordTable, text: string): StoredRecord {
  const normalised = normaliseRecordId(text);
  if ('problem' in normalised || !normalised.id.startsWith(table.object.keyPrefix)) {
    refuse('MALFORMED_ID', `${table.object.label} ID: id value of incorrect type: ${text}`, ['Id']);
  }
  const record = table.records.get(normalised.id);
  if (record) return record;
  if (table.deleted.has(normalised.id)) refuse('ENTITY_IS_DELETED', 'entity is deleted');
  refuse('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
}

function run(id: string | null, work: () => SaveResult): SaveResult {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refused) return { success: false, id, errors: [error.error] };
    throw error;
  }
}

function textOf(cells: Cell[], name: string): string {
  return (
    cells.find((cell) => cell.target.kind === 'field' && cell.target.field.name.toLowerCase() === name.toLowerCase())
      ?.text ?? ''
  );
}

export function insertRecord(context: SaveContext, cells: Cell[]): SaveResult {
  return run(null, () => save(context, readCells(cells), undefined));
}

export function updateRecord(context: SaveContext, cells: Cell[]): SaveResult {
  const id = textOf(cells, 'Id');
  return run(id || null, () => {
    if (id === '') refuse('MISSING_ARGUMENT', 'Id not specified in an update call');
    const existing = existingById(context.table, id);
    return save(context, readCells(cells), existing);
  });
}

export function upsertRecord(
  context: SaveContext,
  cells: Cell[],
  externalIdField: Field,
  seenInChunk: Set<string>,
): SaveResult {
  return run(null, () => {
    const key = textOf(cells, externalIdField.name);
    if (externalIdField.type === 'id') {
      return key === ''
        ? save(context, readCells(cells), undefined)
        : save(context, readCells(cells), existingById(context.table, key));
    }
    if (key === '' || key === '#N/A') refuse('MISSING_ARGUMENT', `${externalIdField.name} not specified`);
    const folded = externalIdField.caseSensitive ? key : key.toLowerCase();
    if (seenInChunk.has(folded))
      refuse('DUPLICATE_VALUE', `Duplicate external id specified: ${key}`, [externalIdField.name]);
    seenInChunk.add(folded);
    const found = context.table.find(externalIdField, key);
    if (found.length > 1) {
      const ids = found.map((record) => record.Id).join(', ');
      refuse(
        'DUPLICATE_EXTERNAL_ID',
        `${externalIdField.label}: more than one record found for external id field: [${ids}]`,
        [externalIdField.name],
      );
    }
    return save(context, readCells(cells), found[0]);
  });
}

export function deleteRecord(context: SaveContext, cells: Cell[]): SaveResult {
  const id = textOf(cells, 'Id');
  return run(id || null, () => {
    if (id === '') refuse('MISSING_ARGUMENT', 'Id not specified in a delete call');
    const record = existingById(context.table, id);
    context.table.remove(record.Id);
    return { success: true, id: record.Id, created: false };
  });
}
