import { assertNever } from '../domain/assert-never.ts';
import type { ColumnFix } from '../domain/column-fix.ts';
import { shown } from './shown.ts';

/** What a fix does to its column, after the column's name. */
export function fixText(fix: ColumnFix): string {
  switch (fix.kind) {
    case 'round':
      return 'numbers rounded to the field’s decimals, a half up';
    case 'truncate':
      return 'text cut off at the field’s length';
    case 'fill':
      return `blanks filled with “${shown(fix.text)}”`;
    case 'exclude':
      return fix.value.trim() === '' ? 'rows where it is blank left out' : `rows with “${shown(fix.value)}” left out`;
    default:
      return assertNever(fix);
  }
}
