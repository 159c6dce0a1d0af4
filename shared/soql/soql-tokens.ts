import type { SoqlError, SoqlExpected } from './soql-query.ts';

export interface Token {
  readonly kind: 'word' | 'bare' | 'text' | 'mark' | 'end';
  /** As it is written. */
  readonly text: string;
  readonly offset: number;
}

export class NotSoql extends Error {
  readonly offset: number;
  readonly found: string;
  readonly expected: SoqlExpected;

  constructor(offset: number, found: string, expected: SoqlExpected) {
    super('not SOQL');
    this.offset = offset;
    this.found = found;
    this.expected = expected;
  }
}

const BLANK = /\s+/y;
const TEXT = /'(?:[^'\\]|\\.)*'/sy;
/** A date or a moment, a number, an amount with its currency, a span such as `LAST_N_DAYS:30`, before names. */
const BARE =
  /(?:\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))?|\d{2}:\d{2}:\d{2}(?:\.\d+)?Z?|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z]{3}\d+(?:\.\d+)?|[A-Za-z_]+:\d+)(?![\w.:])/y;
const WORD = /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/y;
const MARK = /<=|>=|!=|<>|[=<>(),:]/y;

function at(pattern: RegExp, soql: string, offset: number): string | null {
  pattern.lastIndex = offset;
  return pattern.exec(soql)?.[0] ?? null;
}

/** The tokens of a text, an end last. Throws `NotSoql` for characters that no query has. */
export function tokensOf(soql: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  while (offset < soql.length) {
    const blank = at(BLANK, soql, offset);
    if (blank !== null) {
      offset += blank.length;
      continue;
    }
    const token = tokenAt(soql, offset);
    tokens.push(token);
    offset += token.text.length;
  }
  return [...tokens, { kind: 'end', text: '', offset: soql.length }];
}

function tokenAt(soql: string, offset: number): Token {
  const kinds = [
    ['text', TEXT],
    ['bare', BARE],
    ['word', WORD],
    ['mark', MARK],
  ] as const;
  for (const [kind, pattern] of kinds) {
    const text = at(pattern, soql, offset);
    if (text !== null) return { kind, text, offset };
  }
  const found = String.fromCodePoint(soql.codePointAt(offset) ?? 0);
  throw new NotSoql(offset, found, found === "'" ? 'closed-quote' : 'soql-character');
}

export function errorOf(soql: string, { offset, found, expected }: NotSoql): SoqlError {
  const lines = soql.slice(0, offset).split('\n');
  return { offset, line: lines.length, column: (lines.at(-1) ?? '').length + 1, found, expected };
}
