import type { FieldDescribe } from '../domain/sobject.ts';

const CUT_TYPES = new Set<FieldDescribe['type']>([
  'string',
  'textarea',
  'encryptedstring',
  'combobox',
  'anyType',
  'phone',
  'url',
]);

/** Whether text of a field that is too long may be cut off: what is left of an address, a key or an offered value is another one. */
export function canBeCut({ type }: Pick<FieldDescribe, 'type'>): boolean {
  return CUT_TYPES.has(type);
}
