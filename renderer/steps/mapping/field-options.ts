import { bulkHeader, type FieldMapping, type MappingTarget } from '../../../shared/domain/field-mapping.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';

export interface FieldOption {
  readonly value: string;
  readonly label: string;
}

/** The target that a choice in the field list means; null is the choice of none. */
export function toTarget(value: string | null, before: MappingTarget): MappingTarget {
  if (value === null) return { kind: 'ignored' };
  if (before.kind !== 'ignored' && bulkHeader(before) === value) return before;
  return { kind: 'field', field: value };
}

/** Fields that can be chosen. */
export function fieldOptions(describe: SObjectDescribe, mapping: FieldMapping): FieldOption[] {
  return describe.fields
    .filter(
      (field) =>
        field.type !== 'address' &&
        field.type !== 'location' &&
        (field.createable || field.updateable || (field.type === 'id' && mapping.operation !== 'insert')),
    )
    .map((field) => ({ value: field.name, label: `${field.label} (${field.name})` }));
}
