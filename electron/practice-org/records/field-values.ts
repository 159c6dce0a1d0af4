import { isEmailAddress } from './email-address.ts';
import { parseDay, parseMoment, parseTime } from './moments.ts';
import { asRecordId } from './record-ids.ts';
import type { RecordStore, Stored } from './record-store.ts';
import { refuse } from './save-error.ts';
import type { Field } from '../schema/schema.ts';

const XSD_NAMES: Record<string, string> = {
  int: 'xsd:int',
  long: 'xsd:long',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  boolean: 'xsd:boolean',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  time: 'xsd:time',
};

export function xsdName(field: Field): string {
  return XSD_NAMES[field.type] ?? 'xsd:string';
}

/** The earliest and the latest moment there is (SOQL and SOSL reference, "Date Formats and Date Literals"), in ms. */
const FIRST_MOMENT = Date.UTC(1700, 0, 1);
const LAST_MOMENT = Date.UTC(4000, 11, 31);

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The white space that saving takes off: tab, line ends, page breaks and the plain space. Of any other, such as U+00A0, nothing
 * shows that it goes, and a published test shows that it stays (Change Data Capture guide, "Considerations for Newline Characters").
 */
function trimmed(text: string): string {
  return text.replace(/^[\t\n\v\f\r ]+/, '').replace(/[\t\n\v\f\r ]+$/, '');
}

/** How a moment is kept: to the second, `2026-01-02T21:33:43.000Z`. */
export function dateTimeText(ms: number): string {
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}.000Z`;
}

/** A moment as REST and Bulk API 2.0 print it, with a numeric offset. */
export function offsetDateTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}

/** Text as its field's stored type, or undefined where it has no such form (Bulk API guide, "Valid Date Format in Records"). */
export function parseText(field: Field, text: string): Stored | undefined {
  switch (field.type) {
    case 'boolean':
      if (text === 'true' || text === '1' || /^true$/i.test(text)) return true;
      if (text === 'false' || text === '0' || /^false$/i.test(text)) return false;
      return undefined;
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return NUMBER.test(text) ? Number(text) : undefined;
    case 'date':
      return parseDay(text);
    case 'datetime': {
      const ms = parseMoment(text);
      return ms === undefined ? undefined : dateTimeText(ms);
    }
    case 'time':
      return parseTime(text);
    default:
      return trimmed(text);
  }
}

/** A JSON value as its field's stored type, or undefined where it has no such form. */
export function parseJsonValue(field: Field, value: unknown): Stored | undefined {
  if (value === null) return null;
  if (typeof value === 'string') {
    if (value === '' && field.type !== 'boolean') return null;
    return parseText(field, value);
  }
  if (typeof value === 'boolean') return field.type === 'boolean' ? value : undefined;
  if (typeof value === 'number') {
    if (field.type === 'boolean') return undefined;
    return isNumber(field) ? value : parseText(field, String(value));
  }
  return undefined;
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

function isNumber({ type }: Field): boolean {
  return ['int', 'long', 'double', 'currency', 'percent'].includes(type);
}

function refuseNumber(field: Field, number: number): never {
  refuse('NUMBER_OUTSIDE_VALID_RANGE', `${field.label}: value outside of valid range on numeric field: ${number}`, [
    field.name,
  ]);
}

/** Degrees that a part of a geolocation may have, or null for any other number. */
function mostDegrees(field: Field): number | null {
  if (field.compoundFieldName === null) return null;
  if (/Latitude(?:__s)?$/.test(field.name)) return 90;
  return /Longitude(?:__s)?$/.test(field.name) ? 180 : null;
}

/** The first number that is too large for the field. */
function tooLargeFor(field: Field): number {
  if (field.type === 'int') return 10 ** (field.digits || 9);
  // Whole numbers of 64 bits (XML Schema part 2, "long").
  if (field.type === 'long') return field.digits > 0 ? 10 ** field.digits : 2 ** 63;
  return 10 ** ((field.precision || 18) - field.scale);
}

function checkNumber(field: Field, number: number): number {
  const isWhole = field.type === 'int' || field.type === 'long';
  if (!Number.isFinite(number) || Math.abs(number) >= tooLargeFor(field) || (isWhole && !Number.isInteger(number)))
    refuseNumber(field, number);
  const degrees = mostDegrees(field);
  if (degrees !== null && Math.abs(number) > degrees) refuseNumber(field, number);
  // Decimals beyond the scale stay as they came; only pages show them rounded (Help 000387302, 000385689).
  return number;
}

function badPicklistValue(field: Field, value: string): never {
  refuse(
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    `${field.label}: bad value for restricted picklist field: ${value}`,
    [field.name],
  );
}

function checkPicklist(field: Field, value: string, allowed: ReadonlySet<string> | null): string {
  let entry = field.picklistValues.find((candidate) => candidate.value === value);
  if (!entry) {
    const folded = value.toLowerCase();
    entry = field.picklistValues.find((candidate) => candidate.value.toLowerCase() === folded);
  }
  if (entry && (!field.restrictedPicklist || entry.active) && (allowed === null || allowed.has(entry.value)))
    return entry.value;
  if (field.restrictedPicklist) badPicklistValue(field, value);
  return checkLength(field, value);
}

/** State and country/territory picklists take a label or a code of their list and keep the label. */
function checkTerritory(field: Field, value: string): string {
  const folded = value.toLowerCase();
  const entry = field.picklistValues.find(
    (candidate) => candidate.label.toLowerCase() === folded || candidate.value.toLowerCase() === folded,
  );
  if (entry) return entry.label;
  const list =
    field.territory === 'country'
      ? 'a country/territory from the list of valid countries'
      : 'a state from the list of valid states';
  refuse(
    'FIELD_INTEGRITY_EXCEPTION',
    `There's a problem with this ${field.territory ?? ''}, even though it may appear correct. Please select ${list}.:${field.label}`,
    [field.name],
  );
}

function checkMultiPicklist(field: Field, value: string): string {
  const parts = [...new Set(value.split(';').map(trimmed).filter(Boolean))];
  const order = field.picklistValues.map((entry) => entry.value);
  if (field.restrictedPicklist) for (const part of parts) if (!order.includes(part)) badPicklistValue(field, part);
  // Salesforce gives a multi-select back in the order of its definition; unknown values of an open one come last.
  const place = (part: string): number => (order.includes(part) ? order.indexOf(part) : order.length);
  return checkLength(field, parts.sort((a, b) => place(a) - place(b)).join(';'));
}

function checkReference(store: RecordStore, field: Field, value: string): string {
  const id = asRecordId(value);
  const target = id === null ? undefined : store.tableOfId(id);
  if (id === null || !target || !field.referenceTo.includes(target.object.name))
    refuse('MALFORMED_ID', `${field.label}: id value of incorrect type: ${value}`, [field.name]);
  if (target.records.has(id)) return id;
  if (target.bin.has(id)) refuse('ENTITY_IS_DELETED', 'entity is deleted');
  refuse('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
}

/** Holds a value to its field's rules and gives it the form the org keeps. Throws `Refused`. */
export function checkValue(
  store: RecordStore,
  field: Field,
  value: Stored,
  allowedByRecordType: ReadonlySet<string> | null,
): Stored {
  if (value === null || value === '') return null;
  switch (field.type) {
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return checkNumber(field, value as number);
    case 'date':
    case 'datetime': {
      const moment = Date.parse(String(value));
      if (!(moment >= FIRST_MOMENT && moment <= LAST_MOMENT))
        refuse('NUMBER_OUTSIDE_VALID_RANGE', `${field.label}: invalid date: ${String(value)}`, [field.name]);
      return value;
    }
    case 'email': {
      const text = String(value).toLowerCase();
      if (!isEmailAddress(text))
        refuse('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${String(value)}`, [field.name]);
      return checkLength(field, text);
    }
    case 'picklist':
      return checkPicklist(field, String(value), allowedByRecordType);
    case 'multipicklist':
      return checkMultiPicklist(field, String(value));
    case 'reference':
      return checkReference(store, field, String(value));
    case 'boolean':
    case 'time':
      return value;
    default:
      return field.territory === null ? checkLength(field, String(value)) : checkTerritory(field, String(value));
  }
}
