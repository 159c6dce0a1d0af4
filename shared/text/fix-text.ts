import { assertNever } from '../domain/assert-never.ts';
import type { ColumnFix } from '../domain/column-fix.ts';
import { shown } from './shown.ts';

/** What a fix does to its column, after the column's name. */
export function fixText(fix: ColumnFix): string {
  switch (fix.kind) {
    case 'round':
      return 'numbers rounded to the field’s decimals, halves up';
    case 'truncate':
      return 'text cut to the field’s length';
    case 'fill':
      return `blanks filled with “${shown(fix.text)}”`;
    case 'exclude':
      return fix.value.trim() === '' ? 'rows with a blank left out' : `rows with “${shown(fix.value)}” left out`;
    default:
      return assertNever(fix);
  }
}
