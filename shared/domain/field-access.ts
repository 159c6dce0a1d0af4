import type { Operation } from './field-mapping.ts';
import type { FieldDescribe } from './sobject.ts';

export type ReadOnlyReason = 'formula' | 'auto-number' | 'system' | 'compound' | 'no-access';

/** Kept by Salesforce itself (Object Reference, "System Fields"). */
const SYSTEM_FIELDS = new Set([
  'CreatedDate',
  'CreatedById',
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
  'IsDeleted',
]);

/** Why a field that can't be written can't be: what is left over is a matter of the user's rights. */
export function whyReadOnly(field: FieldDescribe): ReadOnlyReason {
  if (field.calculated) return 'formula';
  if (field.autoNumber) return 'auto-number';
  if (field.type === 'address' || field.type === 'location') return 'compound';
  if (SYSTEM_FIELDS.has(field.name)) return 'system';
  return 'no-access';
}

/** Whether an operation can write a field at all; an upsert creates some records and updates others. */
export function isWritable(field: FieldDescribe, operation: Operation): boolean {
  switch (operation) {
    case 'insert':
      return field.createable;
    case 'update':
      return field.updateable;
    case 'upsert':
      return field.createable || field.updateable;
    case 'delete':
    case 'hardDelete':
    case 'undelete':
      return true;
  }
}
