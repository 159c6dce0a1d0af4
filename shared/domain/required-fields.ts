import { mappedColumns, type FieldMapping } from './field-mapping.ts';
import { fieldNamed, isRequiredOnCreate, type FieldDescribe, type SObjectDescribe } from './sobject.ts';

/**
 * Whether rows of a mapping are persons in an org that has person accounts: these have a last name, and a name of their own that
 * Salesforce makes of it and lets nobody write (Salesforce Help 000386207, "Error 'bad field names' when you import Person Accounts").
 */
export function isOfPersons(describe: SObjectDescribe, mapping: FieldMapping): boolean {
  return (
    describe.name === 'Account' &&
    fieldNamed(describe, 'IsPersonAccount') !== undefined &&
    mappedColumns(mapping).some(({ target }) => target.field === 'LastName')
  );
}

/** Fields that a new record must have: of a person account the last name in the place of the name. */
export function requiredFields(describe: SObjectDescribe, mapping: FieldMapping): FieldDescribe[] {
  const required = describe.fields.filter(isRequiredOnCreate);
  const lastName = fieldNamed(describe, 'LastName');
  if (!lastName || !isOfPersons(describe, mapping)) return required;
  return [...required.filter(({ name }) => name !== 'Name'), lastName];
}
