import type { Operation } from '../domain/field-mapping.ts';
import { plural } from './counts.ts';

/** What each operation is called. */
export const OPERATION_WORD = {
  insert: 'Insert',
  update: 'Update',
  upsert: 'Upsert',
  delete: 'Delete',
} as const satisfies Record<Operation, string>;

/** What a load is, in words: “Upsert 5,000 rows into Account by ERP_Id__c”. `rows` are those of the whole file. */
export function loadTitle(load: {
  readonly operation: Operation;
  readonly rows: number;
  readonly objectName: string;
  readonly matchField: string | null;
}): string {
  const { operation, matchField } = load;
  const by = operation === 'upsert' && matchField ? ` by ${matchField}` : '';
  const word = operation === 'delete' ? 'from' : operation === 'update' ? 'in' : 'into';
  return `${OPERATION_WORD[operation]} ${plural(load.rows, 'row')} ${word} ${load.objectName}${by}`;
}
