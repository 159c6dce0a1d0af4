import type { IssueCode } from '../../../shared/domain/field-issue.ts';

/** Problems of a record's shape: which value belongs where is not known, so none can be typed over. */
export const SHAPELESS: ReadonlySet<IssueCode> = new Set<IssueCode>([
  'TEXT_AFTER_QUOTE',
  'TOO_MANY_CELLS',
  'NOT_AN_OBJECT',
  'BROKEN_JSON',
]);
