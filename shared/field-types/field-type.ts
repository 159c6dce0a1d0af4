import type { IssueFacts, ValueIssueCode } from '../domain/field-issue.ts';
import type { FieldDescribe } from '../domain/sobject.ts';

/** A remark on a value that is loaded all the same. */
export interface ValueNote {
  readonly code: ValueIssueCode;
  readonly level: 'warn' | 'fix';
  readonly facts: IssueFacts;
}

/**
 * One cell's text read as its field's type.
 * `api` is the text Bulk API 2.0 expects. `canonical` is equal for two texts exactly when Salesforce would store the same value.
 */
export type ParsedValue =
  | { readonly kind: 'value'; readonly api: string; readonly canonical: string; readonly notes: readonly ValueNote[] }
  | { readonly kind: 'issue'; readonly code: ValueIssueCode; readonly facts: IssueFacts };

export type LocalTime = {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
};

/** What parsing needs from outside, so that this folder stays free of libraries and of the machine's settings. */
export interface ParseContext {
  readonly field: FieldDescribe;
  /** What ids may begin with: the prefixes of the objects the field takes. None if they are not known. */
  readonly keyPrefixes: readonly string[];
  readonly dateOrder: 'ymd' | 'dmy' | 'mdy' | 'ambiguous';
  readonly decimal: 'point' | 'comma' | 'ambiguous';
  readonly timeZone: string;
  /** The instant (ms since epoch) of a wall-clock time, or null if that time does not exist there (a DST gap). */
  readonly instantOf: (local: LocalTime, timeZone: string) => number | null;
  /** The candidate most like `text`, or null if none is near. */
  readonly closest: (text: string, candidates: readonly string[]) => string | null;
}

export interface FieldType {
  /** Reads trimmed, non-blank text. Never throws. */
  parse(text: string, context: ParseContext): ParsedValue;
  /** The canonical form of a value as Salesforce returns it (query results, result files). Never throws. */
  readonly canonicalise: (stored: string, field: FieldDescribe) => string;
}

export function value(api: string, canonical: string = api, notes: readonly ValueNote[] = []): ParsedValue {
  return { kind: 'value', api, canonical, notes };
}

export function issue(code: ValueIssueCode, facts: IssueFacts = {}): ParsedValue {
  return { kind: 'issue', code, facts };
}
