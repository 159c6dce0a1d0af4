import { assertNever } from '../domain/assert-never.ts';
import type { FieldDescribe } from '../domain/sobject.ts';
import { booleanType } from './boolean.ts';
import { dateType } from './date.ts';
import { datetimeType } from './datetime.ts';
import { emailType } from './email.ts';
import { issue, type FieldType } from './field-type.ts';
import { numberType } from './number.ts';
import { multipicklistType, picklistType } from './picklist.ts';
import { referenceType } from './reference.ts';
import { textType } from './text.ts';
import { timeType } from './time.ts';

/** base64, address, location, complexvalue: not loadable as one CSV cell; their parts are fields of their own. */
const unsupportedType: FieldType = {
  parse: (_text, { field }) => issue('TYPE_NOT_SUPPORTED', { type: field.type }),
  canonicalise: (stored) => stored,
};

/** The rules for a field, by its Salesforce type (SOAP API guide, "Field Types"). */
export function fieldTypeOf(field: Pick<FieldDescribe, 'type'>): FieldType {
  switch (field.type) {
    case 'string':
    case 'textarea':
    case 'encryptedstring':
    case 'combobox':
    case 'anyType':
    case 'phone':
    case 'url':
      return textType;
    case 'email':
      return emailType;
    case 'boolean':
      return booleanType;
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return numberType;
    case 'date':
      return dateType;
    case 'datetime':
      return datetimeType;
    case 'time':
      return timeType;
    case 'picklist':
      return picklistType;
    case 'multipicklist':
      return multipicklistType;
    case 'id':
    case 'reference':
      return referenceType;
    case 'base64':
    case 'address':
    case 'location':
    case 'complexvalue':
      return unsupportedType;
    default:
      return assertNever(field.type);
  }
}
