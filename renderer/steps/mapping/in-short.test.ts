import { describe, expect, test } from 'vitest';
import { beginningOf, inShort } from './in-short.ts';

describe('what is said of a mapping, in short', () => {
  const issue = (level: 'block' | 'warn', n: number) => ({ level, n });
  const warnings = Array.from({ length: 9 }, (_, n) => issue('warn', n));

  test('what blocks is always there and first; of many warnings three are', () => {
    const blocks = Array.from({ length: 7 }, (_, n) => issue('block', 100 + n));
    const { shown, more } = inShort([...warnings, ...blocks], false);
    expect(shown).toEqual([...blocks, ...warnings.slice(0, 3)]);
    expect(more).toBe(6);
  });

  test('opened, all of them; and a button is not there for one', () => {
    expect(inShort(warnings, true)).toEqual({ shown: warnings, more: 0 });
    expect(inShort(warnings.slice(0, 4), false).more).toBe(0);
    expect(inShort(warnings.slice(0, 5), false).more).toBe(2);
  });

  test('a long sentence ends at a word, a short one is whole', () => {
    const text = `239 columns are not loaded: ${Array.from({ length: 239 }, (_, n) => `Remark ${n}`).join(', ')}.`;
    const beginning = beginningOf(text);
    expect(beginning.length).toBeLessThan(221);
    expect(text.startsWith(`${beginning},`) || text.startsWith(`${beginning} `)).toBe(true);
    expect(beginningOf('Two columns are not loaded: A, B.')).toBe('Two columns are not loaded: A, B.');
  });

  test('a name without an end is cut all the same, never within a character', () => {
    expect(beginningOf('𝒳'.repeat(400)).isWellFormed()).toBe(true);
    expect(beginningOf('x'.repeat(400))).toBe('x'.repeat(220));
  });
});
