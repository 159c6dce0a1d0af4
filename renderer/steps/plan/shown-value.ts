import { fieldNamed, type FieldTypeName, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { numeral } from '../../../shared/text/counts.ts';
import { calendarDay, moment } from '../../settings/moments.ts';

const NUMBERS: ReadonlySet<FieldTypeName> = new Set(['int', 'long', 'double', 'currency', 'percent']);

/** A value as Salesforce writes it, as its person writes numbers and dates; what is none of its field's type stays as it is. */
export function shownValue(text: string, type: FieldTypeName): string {
  if (NUMBERS.has(type)) return numeral(text);
  if (type === 'date' && /^\d{4}-\d{2}-\d{2}$/.test(text)) return calendarDay(text);
  if (type === 'datetime' && /^\d{4}-\d{2}-\d{2}T/.test(text)) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? text : moment(at);
  }
  return text;
}

/** Both values of a change; where they would look the same, as they are. */
export function shownChange(old: string, next: string, type: FieldTypeName): { was: string; now: string } {
  const [was, now] = [shownValue(old, type), shownValue(next, type)];
  return was === now ? { was: old, now: next } : { was, now };
}

/** A field by its label; what goes through a relationship has its path. */
export function fieldLabel(describe: SObjectDescribe | null, field: string): string {
  return (describe && fieldNamed(describe, field)?.label) ?? field;
}

export function fieldType(describe: SObjectDescribe | null, field: string): FieldTypeName {
  return (describe && fieldNamed(describe, field)?.type) ?? 'string';
}
