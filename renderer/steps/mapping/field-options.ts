import { isWritable, whyReadOnly, type ReadOnlyReason } from '../../../shared/domain/field-access.ts';
import { bulkHeader, type FieldMapping, type MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { isRequiredOnCreate, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { SearchedField } from './field-search.ts';

/** Short words about a field that matter to the operation, in the tone of an outcome. */
export interface FieldBadge {
  readonly text: string;
  readonly tone: 'unchanged' | 'warning' | 'blocked';
}

export interface FieldOption extends SearchedField {
  readonly value: string;
  /** Label and API name. */
  readonly shown: string;
  readonly badges: readonly FieldBadge[];
  /** False for a field that the operation can't fill: it is found, and says why. */
  readonly open: boolean;
}

const WHY_CLOSED: Record<ReadOnlyReason, string> = {
  formula: 'formula',
  'auto-number': 'numbered by Salesforce',
  system: 'read-only',
  compound: 'made up of other fields',
  'no-access': 'no access',
};

type Purpose = Pick<FieldMapping, 'operation' | 'matchField'>;

function isOpen(field: FieldDescribe, { operation, matchField }: Purpose): boolean {
  if (field.type === 'address' || field.type === 'location') return false;
  if (field.type === 'id') return operation !== 'insert';
  return field.name === matchField || (field.createable || field.updateable ? isWritable(field, operation) : false);
}

/** What is worth knowing of a field before it is filled by this operation. */
export function fieldBadges(field: FieldDescribe, purpose: Purpose): FieldBadge[] {
  const { operation, matchField } = purpose;
  const badges: FieldBadge[] = [];
  if (operation !== 'insert' && field.name === matchField) badges.push({ text: 'finds the record', tone: 'unchanged' });
  if ((operation === 'insert' || operation === 'upsert') && isRequiredOnCreate(field))
    badges.push({ text: 'required', tone: 'warning' });
  if (field.externalId) badges.push({ text: 'external ID', tone: 'unchanged' });
  if (!isOpen(field, purpose)) badges.push({ text: closedText(field, operation), tone: 'blocked' });
  // Key fields name the record, whether or not they can be written.
  else if (operation === 'upsert' && field.type !== 'id' && field.createable !== field.updateable)
    badges.push({ text: field.createable ? 'only when created' : 'only when updated', tone: 'unchanged' });
  return badges;
}

function closedText(field: FieldDescribe, operation: FieldMapping['operation']): string {
  if (field.type === 'id') return 'given by Salesforce';
  // One that can be set at another time is not out of reach altogether.
  if (operation === 'insert' && field.updateable) return 'only by update';
  if (operation === 'update' && field.createable) return 'only when created';
  return WHY_CLOSED[whyReadOnly(field)];
}

/** All fields of an object, those that can be filled first. */
export function fieldOptions(describe: SObjectDescribe, purpose: Purpose): FieldOption[] {
  const options = describe.fields.map((field): FieldOption => ({
    value: field.name,
    label: field.label,
    name: field.name,
    shown: `${field.label} (${field.name})`,
    help: field.inlineHelpText ?? '',
    badges: fieldBadges(field, purpose),
    open: isOpen(field, purpose),
  }));
  return [...options.filter(({ open }) => open), ...options.filter(({ open }) => !open)];
}

/** The target that a choice in the field list means; null is the choice of none. */
export function toTarget(value: string | null, before: MappingTarget): MappingTarget {
  if (value === null) return { kind: 'ignored' };
  if (before.kind !== 'ignored' && bulkHeader(before) === value) return before;
  return { kind: 'field', field: value };
}
