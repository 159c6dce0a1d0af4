/** A value in a condition: text that SOQL puts into quotes, or what stands there bare: a number, date, time, `true`, `null`, `TODAY`. */
export interface SoqlValue {
  readonly kind: 'text' | 'bare';
  readonly text: string;
}

export const LIST_COMPARISONS = ['IN', 'NOT IN', 'INCLUDES', 'EXCLUDES'] as const;
export const ONE_COMPARISONS = ['=', '!=', '<', '<=', '>', '>=', 'LIKE'] as const;
export type SoqlComparison = (typeof LIST_COMPARISONS)[number] | (typeof ONE_COMPARISONS)[number];

export interface SoqlFilter {
  /** A field, or one of a parent: `Owner.Name`. */
  readonly field: string;
  readonly comparison: SoqlComparison;
  /** One, or for comparisons with a list at least one. In a `LIKE` `\_` and `\%` stand for the characters themselves. */
  readonly values: readonly SoqlValue[];
}

export interface SoqlOrder {
  readonly field: string;
  readonly descending: boolean;
  readonly nulls: 'FIRST' | 'LAST' | null;
}

/** A query as a person can put it together without writing SOQL (SOQL and SOSL Reference, "SOQL SELECT Syntax"). */
export interface SoqlQuery {
  readonly objectName: string;
  readonly fields: readonly string[];
  /** How the conditions are joined; `AND` where there is one or none. */
  readonly join: 'AND' | 'OR';
  readonly filters: readonly SoqlFilter[];
  readonly order: readonly SoqlOrder[];
  readonly limit: number | null;
}

/** What a query has that can't be shown other than as text. */
export type BeyondBuilder =
  | 'child-query'
  | 'function'
  | 'typeof'
  | 'alias'
  | 'condition-query'
  | 'nested-conditions'
  | 'pattern'
  | { readonly clause: string };

/** Where a text stops being SOQL: `offset` in characters, line and column from 1. */
export interface SoqlError {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  /** The token there; empty at the end of the text. */
  readonly found: string;
  readonly expected: SoqlExpected;
}

export type SoqlExpected =
  | { readonly word: string }
  | 'field'
  | 'object'
  | 'comparison'
  | 'value'
  | 'list-value'
  | 'whole-number'
  | 'end'
  | 'closed-quote'
  | 'escape'
  | 'soql-character'
  | 'one-null-order';

export type ReadSoql =
  | { readonly kind: 'query'; readonly query: SoqlQuery }
  /** With what it selects, where that is a list of fields. */
  | { readonly kind: 'beyond'; readonly beyond: BeyondBuilder; readonly fields: readonly string[] | null }
  | { readonly kind: 'error'; readonly error: SoqlError };
