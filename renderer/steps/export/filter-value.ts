import type { FieldDescribe, FieldTypeName } from '../../../shared/domain/sobject.ts';
import { isBareValue } from '../../../shared/soql/parse-soql.ts';
import {
  LIST_COMPARISONS,
  type SoqlComparison,
  type SoqlFilter,
  type SoqlValue,
} from '../../../shared/soql/soql-query.ts';

/** Types whose values SOQL writes without quotes. */
const BARE: ReadonlySet<FieldTypeName> = new Set([
  'int',
  'long',
  'double',
  'currency',
  'percent',
  'date',
  'datetime',
  'time',
  'boolean',
]);

/** A comparison as it is chosen: two of them are with nothing. */
export type ShownComparison = SoqlComparison | 'blank' | 'filled';

export const COMPARISON_WORD: Readonly<Record<ShownComparison, string>> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
  LIKE: 'is like',
  IN: 'is one of',
  'NOT IN': 'is none of',
  INCLUDES: 'includes one of',
  EXCLUDES: 'excludes all of',
  blank: 'is blank',
  filled: 'is not blank',
};

/** The comparisons that a type has (SOQL and SOSL Reference, "Comparison Operators"); all of them where it is not known. */
export function comparisonsOf(type: FieldTypeName | null): readonly ShownComparison[] {
  const order = ['<', '<=', '>', '>='] as const;
  const none = ['blank', 'filled'] as const;
  switch (type) {
    case 'boolean':
      return ['=', '!='];
    case 'multipicklist':
      return ['INCLUDES', 'EXCLUDES', '=', '!=', ...none];
    case 'id':
    case 'reference':
      return ['=', '!=', 'IN', 'NOT IN', ...none];
    case null:
      return ['=', '!=', 'LIKE', 'IN', 'NOT IN', ...order, 'INCLUDES', 'EXCLUDES', ...none];
    default:
      return type !== null && BARE.has(type)
        ? ['=', '!=', ...order, 'IN', 'NOT IN', ...none]
        : ['=', '!=', 'LIKE', 'IN', 'NOT IN', ...order, ...none];
  }
}

export function shownComparison({ comparison, values }: SoqlFilter): ShownComparison {
  const [value] = values;
  const isNull = values.length === 1 && value?.kind === 'bare' && value.text.toLowerCase() === 'null';
  if (isNull && comparison === '=') return 'blank';
  if (isNull && comparison === '!=') return 'filled';
  return comparison;
}

export function isList(comparison: ShownComparison): boolean {
  return LIST_COMPARISONS.some((one) => one === comparison);
}

/** Values as they are typed: of a list one to a line. */
export function shownValues({ values }: Pick<SoqlFilter, 'values'>): string {
  return values.map(({ text }) => text).join('\n');
}

/** What was typed as values of a field, or why it is none. */
export function valuesOf(
  typed: string,
  comparison: ShownComparison,
  field: Pick<FieldDescribe, 'type'> | null,
): { values: readonly SoqlValue[] } | { problem: string } {
  if (comparison === 'blank' || comparison === 'filled') return { values: [{ kind: 'bare', text: 'null' }] };
  const texts = isList(comparison) ? typed.split('\n').filter((text) => text.trim() !== '') : [typed];
  if (texts.length === 0) return { problem: 'Enter at least one value, one to a line.' };
  if (field === null || !BARE.has(field.type)) return { values: texts.map((text) => ({ kind: 'text', text })) };
  const values = texts.map((text): SoqlValue => ({ kind: 'bare', text: text.trim() }));
  return values.every(({ text }) => fitsType(text, field.type)) ? { values } : { problem: WANTED[field.type] ?? '' };
}

const WANTED: Partial<Record<FieldTypeName, string>> = {
  boolean: 'Choose true or false.',
  date: 'Enter a date such as 2026-11-27, or TODAY, or LAST_N_DAYS:30.',
  datetime: 'Enter a moment such as 2026-11-27T10:00:00Z, or TODAY, or LAST_N_DAYS:30.',
  time: 'Enter a time such as 10:00:00.000Z.',
  int: 'Enter a number.',
  long: 'Enter a number.',
  double: 'Enter a number.',
  currency: 'Enter a number.',
  percent: 'Enter a number.',
};

function fitsType(text: string, type: FieldTypeName): boolean {
  if (!isBareValue(text)) return false;
  switch (type) {
    case 'boolean':
      return /^(?:true|false)$/i.test(text);
    case 'date':
      return /^(?:\d{4}-\d{2}-\d{2}|[a-z_]\w*(?::\d+)?)$/i.test(text) && !/^(?:true|false|null)$/i.test(text);
    case 'datetime':
      return /^(?:\d{4}-\d{2}-\d{2}T.+|[a-z_]\w*(?::\d+)?)$/i.test(text) && !/^(?:true|false|null)$/i.test(text);
    case 'time':
      return /^\d{2}:\d{2}:\d{2}/.test(text);
    default:
      return /^(?:[+-]?[\d.]|[a-z]{3}\d)/i.test(text) && !/[-:T]\d\d[-:]/.test(text);
  }
}
