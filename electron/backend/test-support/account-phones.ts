import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { to } from './small-plan.ts';

/** A file of keys, names, and phone numbers of accounts. */
export const ACCOUNT_PHONES: FieldMapping = {
  objectName: 'Account',
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  columns: ['ERP_Id__c', 'Name', 'Phone'].map((name, column) => newColumn(column, to(name))),
  blankValues: 'leave',
  duplicateKeys: 'ask',
};
