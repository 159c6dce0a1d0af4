import { removes, type Operation } from '../domain/field-mapping.ts';
import { plural } from './counts.ts';

/** What each operation is called. */
export const OPERATION_WORD = {
  insert: 'Insert',
  update: 'Update',
  upsert: 'Upsert',
  delete: 'Delete',
  hardDelete: 'Hard delete',
  undelete: 'Undelete',
} as const satisfies Record<Operation, string>;

/** What a load is, in words: “Upsert 5,000 rows into Account by ERP Id”. `rows` are those of the whole file; labels where they are known. */
export function loadTitle(load: {
  readonly operation: Operation;
  readonly rows: number;
  readonly objectName: string;
  readonly objectLabel?: string | undefined;
  readonly matchField: string | null;
  readonly matchLabel?: string | undefined;
}): string {
  const { operation, matchField, matchLabel, objectName, objectLabel } = load;
  const by = operation === 'upsert' && matchField ? ` by ${matchLabel ?? matchField}` : '';
  const word = removes(operation) ? 'from' : operation === 'update' || operation === 'undelete' ? 'in' : 'into';
  return `${OPERATION_WORD[operation]} ${plural(load.rows, 'row')} ${word} ${objectLabel ?? objectName}${by}`;
}
