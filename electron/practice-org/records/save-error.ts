import type { Match } from './matching/matching-rule.ts';
import type { RecordTable } from './record-store.ts';

/** One reason a record was not saved, as SaveResult has it (SOAP API guide, "SaveResult"). */
export interface SaveError {
  readonly statusCode: string;
  readonly message: string;
  readonly fields: readonly string[];
  /** Set for DUPLICATES_DETECTED. */
  readonly duplicates?: DuplicateResult;
}

/** What one duplicate rule says of a record (SOAP API guide, "DuplicateResult"). */
export interface DuplicateResult {
  /** False where the rule blocks: nothing lets such a record through. */
  readonly allowSave: boolean;
  /** Whether it says anything to who saves; a rule that only reports lets the record through in silence. */
  readonly alerts: boolean;
  readonly rule: string;
  readonly entityType: string;
  readonly table: RecordTable;
  /** Of each matching rule that found something. */
  readonly matchResults: readonly {
    readonly rule: string;
    readonly engine: string;
    readonly matches: readonly Match[];
  }[];
}

export type SaveResult =
  | { readonly success: true; readonly id: string; readonly created: boolean }
  /** `found` is the record an upsert met, so that its id and `created` can be told in spite of the error. */
  | {
      readonly success: false;
      readonly id: string | null;
      readonly created: boolean;
      readonly errors: readonly SaveError[];
    };

/** `CODE:message:Field1 Field2 --`, and `CODE:message:--` without fields, as sf__Error has it. */
export function bulkError(errors: readonly SaveError[]): string {
  const error = errors[0];
  if (!error) return '';
  return `${error.statusCode}:${error.message}:${error.fields.length > 0 ? `${error.fields.join(' ')} ` : ''}--`;
}

/** Thrown by the checks; a save turns it into its result. */
export class Refused extends Error {
  readonly error: SaveError;
  constructor(error: SaveError) {
    super(error.message);
    this.error = error;
  }
}

export function refuse(statusCode: string, message: string, fields: readonly string[] = []): never {
  throw new Refused({ statusCode, message, fields });
}
