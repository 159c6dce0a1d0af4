import { tokensOf, type Token } from './soql-tokens.ts';

/**
 * The query that counts the records of another one, whatever its conditions are; null where a count says nothing of its rows: of a
 * query that groups, and of a text that is none. `COUNT()` may be limited and not ordered (SOQL and SOSL Reference, "COUNT()").
 */
export function countSoql(soql: string): string | null {
  const tokens = topLevel(soql);
  const word = (text: string) => tokens.findIndex((token) => token.text.toUpperCase() === text);
  const from = tokens[word('FROM')];
  if (!from || tokens[0]?.text.toUpperCase() !== 'SELECT' || word('GROUP') >= 0 || word('HAVING') >= 0) return null;
  // What is worked out of many records is one row; what is worked out of each is as many.
  if (tokens.some(({ text, offset }) => offset < from.offset && AGGREGATE.test(text))) return null;
  const order = tokens[word('ORDER')];
  const after = tokens.find(({ text, offset }) => order && offset > order.offset && AFTER_ORDER.test(text));
  const end = order ? order.offset : soql.length;
  return `SELECT COUNT() ${[soql.slice(from.offset, end).trim(), after ? soql.slice(after.offset).trim() : ''].join(' ').trim()}`;
}

const AGGREGATE = /^(?:count|count_distinct|sum|avg|min|max)$/i;
const AFTER_ORDER = /^(?:limit|offset|for|all)$/i;

/** Tokens outside of brackets; none of a text that can't be read. */
function topLevel(soql: string): Token[] {
  let depth = 0;
  try {
    return tokensOf(soql).filter(({ text }) => {
      if (text === '(') depth++;
      if (text === ')') depth--;
      return depth === 0 && text !== ')';
    });
  } catch {
    return [];
  }
}
