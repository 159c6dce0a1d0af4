import { assignOwner, type Assignment } from './assignment-rules.ts';
import type { AssignedValues } from './assigned-values.ts';
import { asRecordId } from './record-ids.ts';
import { checkOwner } from './check-owner.ts';
import { checkValue, dateTimeText } from './field-values.ts';
import type { OrgData, RecordType, Session } from './org-data.ts';
import { idOf, type RecordTable, type Stored, type StoredRecord } from './record-store.ts';
import { noteRollUps, type DirtyMasters } from './roll-ups.ts';
import { Refused, refuse, type SaveResult } from './save-error.ts';
import { CREATED_BY, CREATED_DATE, ID, MODIFIED_BY, MODIFIED_DATE, MODSTAMP, type Field } from '../schema/schema.ts';

/** One API call, or one chunk of a bulk job: what its saves have in common. */
export interface SaveContext {
  readonly data: OrgData;
  readonly session: Session;
  /** Milliseconds; every record saved together gets the same stamp. */
  readonly now: number;
  /** `Sforce-Duplicate-Rule-Header: allowSave=true`. */
  readonly allowDuplicates: boolean;
  /** What assignment rule gives new records their owner. */
  readonly assignment: Assignment;
  /** Whose row locks these are, and until when they are held. */
  readonly lockOwner: string;
  readonly lockUntil: number;
  readonly lockParents: boolean;
  /** Set by the knob `lockRowEvery`: true if this row is to meet a lock. */
  readonly meetsLock: () => boolean;
  /** Whether that is a trigger's exception then. */
  readonly lockInTrigger: boolean;
  /** What records are stamped with, milliseconds. */
  readonly stampedAt: number;
  /** The field, as `object.field` in small letters, that a trigger writes in capitals. */
  readonly rewrites: string;
  /** Masters whose roll-ups are to be counted anew when the call is over. */
  readonly dirtyMasters: DirtyMasters;
}

/** Turns what the checks throw into the record's result. */
export function attempt(id: string | null, work: () => SaveResult): SaveResult {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refused) return { success: false, id, created: id === null, errors: [error.error] };
    throw error;
  }
}

let stampedAt = 0;
let stampText = '';
function stamp(ms: number): string {
  if (ms !== stampedAt) {
    stampedAt = ms;
    stampText = dateTimeText(ms);
  }
  return stampText;
}

/** A record to be changed. One that is hidden from who asks is refused like one of others (SOAP API guide, "StatusCode"). */
export function existingById(table: RecordTable, text: string): StoredRecord {
  const id = asRecordId(text);
  if (id === null || !id.startsWith(table.object.keyPrefix))
    refuse('MALFORMED_ID', `${table.object.label} ID: id value of incorrect type: ${text}`, ['Id']);
  if (table.hidden.has(id))
    refuse('INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', `insufficient access rights on cross-reference id: ${id}`);
  const record = table.records.get(id);
  if (record) return record;
  if (table.bin.has(id)) refuse('ENTITY_IS_DELETED', 'entity is deleted');
  refuse('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
}

function checkWritable(context: SaveContext, table: RecordTable, values: AssignedValues, create: boolean): void {
  const { object } = table;
  const { profile } = context.session;
  if (!profile.may(object, create ? 'create' : 'edit'))
    refuse(
      create ? 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY' : 'INSUFFICIENT_ACCESS_OR_READONLY',
      create ? `entity type ${object.name} does not support create` : 'insufficient access rights on object id',
    );
  let denied: string[] | null = null;
  for (const field of values.fields) {
    if (field.slot !== ID && !profile.mayWrite(object, field, create ? 'create' : 'update'))
      (denied ??= []).push(field.name);
  }
  if (denied)
    refuse(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      `Unable to create/update fields: ${denied.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
      denied,
    );
}

/**
 * Whether a field that may not be null would be, defaults being for new records only (SOAP API guide, "Field", nillable). A checkbox
 * is unchecked instead.
 */
function isEmptied(field: Field, values: AssignedValues): boolean {
  const given = values.get(field);
  return (given === null || given === '') && !field.nillable && field.type !== 'boolean';
}

function checkRequired(required: readonly Field[], values: AssignedValues, create: boolean): void {
  let missing: string[] | null = null;
  for (const field of required) {
    const given = values.get(field);
    if (create && (given === undefined || given === null || given === '')) (missing ??= []).push(field.name);
  }
  for (const field of create ? [] : values.fields) {
    if (!isEmptied(field, values)) continue;
    if (field.name === 'OwnerId') refuse('INVALID_CROSS_REFERENCE_KEY', 'Owner ID: owner cannot be blank', ['OwnerId']);
    (missing ??= []).push(field.name);
  }
  if (missing) refuse('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, missing);
}

function recordTypeOf(
  data: OrgData,
  table: RecordTable,
  field: Field | null,
  values: AssignedValues,
  existing: StoredRecord | null,
): RecordType | null {
  if (!field) return null;
  const types = data.recordTypes(table.object);
  const given = values.get(field) ?? existing?.[field.slot];
  if (typeof given === 'string') {
    const id = asRecordId(given);
    const type = types.find((candidate) => candidate.recordTypeId === id);
    if (!type)
      refuse('INVALID_CROSS_REFERENCE_KEY', `Record Type ID: this ID value isn't valid for the user: ${given}`, [
        field.name,
      ]);
    return type;
  }
  return existing ? null : (types.find((type) => type.defaultRecordTypeMapping && !type.master) ?? null);
}

function checkUnique(table: RecordTable, unique: readonly Field[], record: StoredRecord, values: AssignedValues): void {
  for (const field of unique) {
    if (!values.has(field)) continue;
    for (const other of table.find(field, record[field.slot] ?? null)) {
      if (idOf(other) !== record[ID])
        refuse(
          'DUPLICATE_VALUE',
          `duplicate value found: ${field.name} duplicates value on record with id: ${idOf(other).slice(0, 15)}`,
        );
    }
  }
}

/**
 * A rule that blocks refuses whatever the caller says; one that allows refuses where it alerts and the caller doesn't say
 * `allowSave` (REST API guide, "Duplicate Rule Header").
 */
function checkDuplicateRules(context: SaveContext, table: RecordTable, record: StoredRecord, create: boolean): void {
  const { duplicateRules } = context.data;
  if (!duplicateRules.enabled) return;
  for (const result of duplicateRules.find(table, record, create ? 'insert' : 'update')) {
    if (result.matchResults.length === 0) continue;
    if (result.allowSave && (context.allowDuplicates || !result.alerts)) continue;
    throw new Refused({
      statusCode: 'DUPLICATES_DETECTED',
      message: 'Use one of these records?',
      fields: [],
      duplicates: result,
    });
  }
}

/**
 * Details lock their masters while they are saved, and with the knob `lockParents` also the records of lookups that keep these from
 * being deleted (Record Locking Cheat Sheet: a lookup that is only cleared locks nothing).
 */
function takeLocks(context: SaveContext, table: RecordTable, record: StoredRecord): void {
  const rules = context.data.rules(table);
  const wanted = (context.lockParents ? rules.parents : rules.masters).flatMap((field) => {
    const id = record[field.slot];
    return typeof id === 'string' ? [id] : [];
  });
  const { locks } = context.data;
  const held = wanted.length > 0 ? locks.take(wanted, context.lockOwner, context.lockUntil, context.now) : null;
  if (held === null && !context.meetsLock()) return;
  const place = held ?? wanted[0] ?? (String(record[ID] ?? '') || table.object.name);
  // As Apex tells of an exception that a trigger did not catch (Apex Developer Guide, "Exception Methods").
  if (held === null && context.lockInTrigger)
    refuse(
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
      `Harbour: execution of AfterUpdate caused by: System.DmlException: Update failed. First exception on row 0 with id ${place}; first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access to this record: [] Trigger.Harbour: line 5, column 1`,
    );
  refuse('UNABLE_TO_LOCK_ROW', `unable to obtain exclusive access to this record or 1 records: ${place}`);
}

/** Fields of a hierarchy that no record may lead back to itself by; any other lookup may (Salesforce Help 000383277). */
const HIERARCHIES: Readonly<Record<string, string>> = { Account: 'ParentId', User: 'ManagerId' };

/**
 * "If you attempt to make a1 the parent of a2 after a2 is already the parent of a1, the platform will block the change"
 * (sfdcdevelopers.com, "Salesforce Account Parent-Child Circular Relationship", 2025). The code is one of the WSDL's StatusCode; its
 * message, which "can vary across releases", is ours.
 */
function refuseLoop(table: RecordTable, record: StoredRecord, values: AssignedValues): void {
  const field = table.field(HIERARCHIES[table.object.name] ?? '');
  if (field && values.has(field)) refuseLoopOf(table, record, field);
}

/** Throws `Refused` for a record that a lookup leads back to itself by. */
export function refuseLoopOf(table: RecordTable, record: StoredRecord, field: Field): void {
  const seen = new Set<Stored>();
  for (let above = record[field.slot] ?? null; typeof above === 'string' && !seen.has(above);) {
    if (above === record[ID])
      refuse('CIRCULAR_DEPENDENCY', `${field.label}: a record can't be above itself`, [field.name]);
    seen.add(above);
    above = table.records.get(above)?.[field.slot] ?? null;
  }
}

/** An auto-number in its display format, `S-{0000000}`. */
export function displayNumber(format: string, counter: number): string {
  return format.replace(/\{(0+)\}/, (_all, zeros: string) => String(counter).padStart(zeros.length, '0'));
}

/** Account's own rule for person accounts (Object Reference, "Account", person account fields). */
function personAccountName(table: RecordTable, values: AssignedValues, existing: StoredRecord | null): string | null {
  const [flag, last, first, name] = ['IsPersonAccount', 'LastName', 'FirstName', 'Name'].map((field) =>
    table.field(field),
  );
  if (table.object.name !== 'Account' || !flag || !last || !first || !name) return null;
  const person = existing ? existing[flag.slot] === true : typeof values.get(last) === 'string';
  if (!person) return null;
  if (values.has(name))
    refuse('INVALID_FIELD_FOR_INSERT_UPDATE', 'Account: bad field names on insert/update call: Name', ['Name']);
  const part = (field: Field): Stored =>
    values.has(field) ? (values.get(field) ?? null) : (existing?.[field.slot] ?? null);
  return [part(first), part(last)].filter(Boolean).join(' ');
}

/**
 * Checks in the order Salesforce does — writable, required, value rules, unique, duplicate rules, validation rules —
 * and then saves. Throws `Refused`.
 */
export function saveRecord(
  context: SaveContext,
  table: RecordTable,
  values: AssignedValues,
  existing: StoredRecord | null,
): SaveResult {
  const { data } = context;
  const { store } = data;
  const rules = data.rules(table);
  const create = existing === null;
  checkWritable(context, table, values, create);
  const personName = personAccountName(table, values, existing);
  if (personName !== null && rules.name) values.set(rules.name, personName);
  checkRequired(rules.required, values, create);
  const recordType = recordTypeOf(data, table, rules.recordType, values, existing);
  const record = (existing ?? rules.template).slice();
  if (create) {
    if (rules.owner) record[rules.owner.slot] = context.session.userId;
    if (rules.recordType && recordType) record[rules.recordType.slot] = recordType.recordTypeId;
  }
  for (const field of values.fields) {
    if (field.slot === ID) continue;
    const value = values.get(field) ?? null;
    if (field === rules.recordType) {
      if (recordType) record[field.slot] = recordType.master ? null : recordType.recordTypeId;
      continue;
    }
    const allowed = recordType?.picklists.get(field.name.toLowerCase()) ?? null;
    const checked = checkValue(store, field, value, allowed);
    if (field === rules.owner && typeof checked === 'string' && checked !== record[field.slot])
      checkOwner(data, context.session, table, checked);
    // A null for a field that may not be null puts its default back.
    record[field.slot] =
      checked === null && !field.nillable ? (field.defaultValue ?? record[field.slot] ?? null) : checked;
  }
  if (create) assignOwner(data, context.assignment, table, record);
  if (existing) refuseLoop(table, record, values);
  takeLocks(context, table, record);
  checkUnique(table, rules.unique, record, values);
  if (table.object.personName) nameFromParts(table, record);
  checkDuplicateRules(context, table, record, create);
  for (const rule of rules.validationRules) {
    if (rule.errorCondition(record, { now: context.now, before: existing }) === true)
      refuse('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, rule.field === null ? [] : [rule.field]);
  }
  const now = stamp(context.stampedAt);
  if (context.rewrites !== '') rewrite(context, table, record);
  if (create) {
    record[ID] = table.nextId();
    record[CREATED_DATE] = now;
    record[CREATED_BY] = context.session.userId;
    for (const field of rules.autoNumbers) record[field.slot] = displayNumber(field.autoNumber ?? '', table.counter);
  }
  record[MODIFIED_DATE] = now;
  record[MODIFIED_BY] = context.session.userId;
  record[MODSTAMP] = now;
  if (personName !== null) savePersonContact(context, table, record, existing);
  if (table.object.event) store.publish(table, record);
  else store.put(table, record);
  noteRollUps(context.dirtyMasters, rules, existing, record);
  return { success: true, id: idOf(record), created: create };
}

function rewrite({ rewrites }: SaveContext, table: RecordTable, record: StoredRecord): void {
  const [object, name = ''] = rewrites.split('.');
  const field = table.object.name.toLowerCase() === object ? table.field(name) : undefined;
  const value = field ? record[field.slot] : null;
  if (field && typeof value === 'string') record[field.slot] = value.toUpperCase();
}

export function nameFromParts(table: RecordTable, record: StoredRecord): void {
  const name = table.field('Name');
  if (!name) return;
  record[name.slot] = ['FirstName', 'LastName']
    .map((part) => record[table.field(part)?.slot ?? ID])
    .filter(Boolean)
    .join(' ');
}

/** A person account is a business account and a contact in one: both are kept. */
function savePersonContact(
  context: SaveContext,
  table: RecordTable,
  account: StoredRecord,
  existing: StoredRecord | null,
): void {
  const { store } = context.data;
  const contacts = store.table('Contact');
  const link = table.field('PersonContactId');
  const flag = table.field('IsPersonAccount');
  if (!contacts || !link || !flag) return;
  const pairs = [
    ['FirstName', 'FirstName'],
    ['LastName', 'LastName'],
    ['Salutation', 'Salutation'],
    ['PersonEmail', 'Email'],
    ['PersonMobilePhone', 'MobilePhone'],
    ['PersonBirthdate', 'Birthdate'],
    ['PersonTitle', 'Title'],
  ] as const;
  const before = existing ? contacts.records.get(String(existing[link.slot])) : undefined;
  const contact = (before ?? context.data.rules(contacts).template).slice();
  for (const [from, to] of pairs) {
    const [source, target] = [table.field(from), contacts.field(to)];
    if (source && target) contact[target.slot] = account[source.slot] ?? null;
  }
  if (!before) {
    contact[ID] = contacts.nextId();
    contact[CREATED_DATE] = account[MODIFIED_DATE] ?? null;
    contact[CREATED_BY] = context.session.userId;
  }
  for (const slot of [MODIFIED_DATE, MODIFIED_BY, MODSTAMP]) contact[slot] = account[slot] ?? null;
  const set = (name: string, value: Stored): void => {
    const field = contacts.field(name);
    if (field) contact[field.slot] = value;
  };
  set('AccountId', idOf(account));
  set('IsPersonAccount', true);
  nameFromParts(contacts, contact);
  account[flag.slot] = true;
  account[link.slot] = idOf(contact);
  store.put(contacts, contact);
}

/** What an upsert must remember within one call: an external id may be named once in it. */
export type SeenKeys = Set<string>;

/** Upsert by an external id field, or by Id (REST API guide, "Upsert Using an External ID"). Throws `Refused`. */
export function upsertRecord(
  context: SaveContext,
  table: RecordTable,
  field: Field,
  key: string,
  values: AssignedValues,
  seen: SeenKeys,
): SaveResult {
  if (field.type === 'id') return saveRecord(context, table, values, key === '' ? null : existingById(table, key));
  if (key === '') refuse('MISSING_ARGUMENT', `${field.name} not specified`);
  const folded = field.caseSensitive ? key : key.toLowerCase();
  if (seen.has(folded)) refuse('DUPLICATE_VALUE', `Duplicate external id specified: ${key}`, [field.name]);
  seen.add(folded);
  const found = table.find(field, key);
  if (found.length > 1)
    refuse(
      'DUPLICATE_EXTERNAL_ID',
      `${field.label}: more than one record found for external id field: [${found.map(idOf).join(', ')}]`,
      [field.name],
    );
  return saveRecord(context, table, values, found[0] ?? null);
}
