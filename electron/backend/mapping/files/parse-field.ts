import type { MappingTarget } from '../../../../shared/domain/field-mapping.ts';
import { canFindBy, fieldNamed, isMatchField, type SObjectDescribe } from '../../../../shared/domain/sobject.ts';
import type { Described } from '../fit-mapping.ts';

type Target = Exclude<MappingTarget, { kind: 'ignored' }>;

/** How a field of a parent may be written: by its relationship, with the parent's object or without. */
interface ParentField {
  readonly relationship: string;
  readonly object: string | null;
  readonly field: string;
}

/**
 * Data Loader's `Parent:Account-ERP_Id__c`, its older `Parent:ERP_Id__c` (ParentIdLookupFieldFormatter in its source), and what people
 * write after Bulk API's headers: `Parent.ERP_Id__c`, `Owner:User.Username`, `User:Owner.Username`.
 */
function readings(text: string): ParentField[] {
  const [, relationship = '', object = null, field = ''] = /^(\w+):(?:(\w+)-)?(\w+)$/.exec(text) ?? [];
  if (relationship !== '') return [{ relationship, object, field }];
  const [, first = '', second = '', last = ''] = /^(?:(\w+):)?(\w+)\.(\w+)$/.exec(text) ?? [];
  if (last === '') return [];
  if (first === '') return [{ relationship: second, object: null, field: last }];
  return [
    { relationship: first, object: second, field: last },
    { relationship: second, object: first, field: last },
  ];
}

/** What a field of a mapping file is in this org; null if it is nothing. */
export function parseField(text: string, { describe, parents }: Described): Target | null {
  const field = fieldNamed(describe, text);
  if (field) return { kind: 'field', field: field.name };
  for (const reading of readings(text)) {
    const found = parentTarget(reading, describe, parents);
    if (found) return found;
  }
  return null;
}

function parentTarget(
  { relationship, object, field: wanted }: ParentField,
  describe: SObjectDescribe,
  parents: Described['parents'],
): Target | null {
  const lookup = describe.fields.find(
    ({ type, relationshipName }) =>
      type === 'reference' && relationshipName?.toLowerCase() === relationship.toLowerCase(),
  );
  if (!lookup?.relationshipName) return null;
  const { name, relationshipName, referenceTo } = lookup;
  for (const parentObject of referenceTo) {
    if (object !== null && parentObject.toLowerCase() !== object.toLowerCase()) continue;
    const parent = parents.get(parentObject.toLowerCase());
    const parentField = parent && fieldNamed(parent, wanted);
    if (!parentField) continue;
    const to = { field: name, parentObject, parentField: parentField.name };
    if (isMatchField(parentField)) {
      return { kind: 'lookup', ...to, relationshipName, polymorphic: referenceTo.length > 1 };
    }
    if (canFindBy(parentField)) {
      return { kind: 'found', ...to, and: null, whenNone: 'home', whenSeveral: 'home', whenInactive: 'home' };
    }
  }
  return null;
}
