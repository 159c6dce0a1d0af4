import type { FieldDescribe } from '../domain/sobject.ts';

/**
 * Capitals younger than the Unicode data in DuckDB 1.5, whose `lower` leaves them as they are, as first and last code point.
 * A property test compares all code points, so that a newer DuckDB or Node is noticed.
 */
const LEFT_ALONE: readonly (readonly [number, number])[] = [
  [0x1c89, 0x1c89],
  [0xa7cb, 0xa7cc],
  [0xa7ce, 0xa7ce],
  [0xa7d2, 0xa7d2],
  [0xa7d4, 0xa7d4],
  [0xa7da, 0xa7da],
  [0xa7dc, 0xa7dc],
  [0x10d50, 0x10d65],
  [0x16ea0, 0x16eb8],
];

function foldLetter(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  // Lower case of one letter, where JavaScript gives an i and a dot of its own.
  if (code === 0x130) return 'i';
  return LEFT_ALONE.some(([first, last]) => code >= first && code <= last) ? letter : letter.toLowerCase();
}

/**
 * Lower case letter by letter, whatever stands beside (Unicode's simple mapping, as DuckDB's `lower` has it): Σ is σ also at
 * the end of a word, ς stays ς, ß stays ß, ſ stays ſ.
 */
export function foldCase(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  let folded = '';
  for (const letter of text) folded += foldLetter(letter);
  return folded;
}

type KeyField = Pick<FieldDescribe, 'type' | 'caseSensitive'>;

/** Whether keys of a field that differ only in case are one key. Ids are told apart by case, once all have 18 characters. */
export function isCaseBlind(field: KeyField): boolean {
  return !field.caseSensitive && field.type !== 'id' && field.type !== 'reference';
}

/** A canonical text as the key it is: two are equal exactly when Salesforce finds the same record by them. */
export function foldKey(canonical: string, field: KeyField): string {
  return isCaseBlind(field) ? foldCase(canonical) : canonical;
}
