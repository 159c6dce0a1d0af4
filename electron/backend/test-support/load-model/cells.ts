import fc from 'fast-check';

/** What a cell's text should leave in the org: a value, or `leave` where a blank says nothing. */
export type Kept =
  { readonly kind: 'value'; readonly value: string | number | boolean | null } | { readonly kind: 'blank' };

/** How a column is read, and how its cells are made. `bad`: the row must not go in with this text. */
export interface CellKind {
  readonly raws: fc.Arbitrary<string>;
  kept(raw: string): Kept;
  bad(raw: string): boolean;
}

const value = (stored: string | number | boolean | null): Kept => ({ kind: 'value', value: stored });
const BLANK: Kept = { kind: 'blank' };
/** Spaces that the product and Salesforce take off both ends; zero-width ones and the byte-order mark included. */
const EDGES = /^[\s\u200b\ufeff]+|[\s\u200b\ufeff]+$/gu;

export const trimmed = (text: string): string => text.replace(EDGES, '');

/** A blank and the marker of a cleared field mean the same for every type. */
function marked(raw: string, read: (text: string) => string | number | boolean): Kept {
  const text = trimmed(raw);
  if (text === '') return BLANK;
  return value(text === '#N/A' ? null : read(text));
}

const NASTY = [
  'plain',
  'with "quotes" inside',
  'comma, here',
  'line one\nline two',
  'windows\r\nline',
  ' lead and trail ',
  '\u00a0no-break\u00a0',
  '\u2003em\u2003',
  '\u200bzero\u200b',
  'ünïcödé 漢字 😀',
  'e\u0301 decomposed',
  '',
  '#N/A',
  "it's",
  'a;b\tc|d',
  '=1+1',
  '+49 30 1234',
  '-dash',
  '0012',
  '1e5',
  '"',
  '""',
  'a,"b"\n"c",d',
  'back\\slash % _',
  'null',
  'NULL',
  'true',
  '   ',
];

/** Text of at most `length` UTF-16 units. */
export function text(length: number): CellKind {
  return {
    raws: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
      {
        weight: 1,
        arbitrary: fc
          // U+FFFD is what an earlier program left of what it could not read: such a row is not sent.
          .string({ unit: 'grapheme', maxLength: 12 })
          .map((made) => made.replaceAll(/[\r\ufffd]/g, '')),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ...(length > 1000 ? ['x'.repeat(1000)] : ['x'.repeat(length), 'y'.repeat(length + 1)]),
        ),
      },
    ),
    kept: (raw) => marked(raw, (read) => read),
    bad: (raw) => trimmed(raw).length > length,
  };
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

export function number(before: number, after: number): CellKind {
  const whole = '1234567890123456'.slice(0, before);
  return {
    raws: fc.constantFrom(
      '0',
      '-0',
      '1',
      '9.5',
      '9.50',
      '007.00',
      '.25',
      '1e1',
      '+3',
      ' 12 ',
      whole,
      '',
      '#N/A',
      'abc',
      `1.${'3'.repeat(after + 1)}`,
    ),
    kept: (raw) => marked(raw, (read) => Number(read) + 0),
    bad: (raw) => {
      const read = trimmed(raw);
      if (read === '' || read === '#N/A') return false;
      // More decimals than the field shows are stored whole (Salesforce Help 000387302).
      return !NUMBER.test(read);
    },
  };
}

export const date: CellKind = {
  raws: fc.constantFrom('2026-05-05', '20260506', '2026-02-28', '', '#N/A', '2026-13-01', 'soon'),
  kept: (raw) => marked(raw, (read) => read.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')),
  bad: (raw) => raw === '2026-13-01' || raw === 'soon',
};

/** A checkbox is never empty: cleared, it is false. */
export const checkbox: CellKind = {
  raws: fc.constantFrom('true', 'FALSE', 'yes', '0', '1', 'no', '', '#N/A', 'maybe'),
  kept: (raw) => marked(raw, (read) => ['true', 'yes', '1'].includes(read.toLowerCase())),
  bad: (raw) => raw === 'maybe',
};

export const email: CellKind = {
  raws: fc.constantFrom('a@b.example', 'Anna.Berg@Shore.Example', ' x+y@b.example ', '', '#N/A', 'no address'),
  kept: (raw) => marked(raw, (read) => read.toLowerCase()),
  bad: (raw) => raw === 'no address',
};

export const parentKeys = ['PAR-One', 'PAR-Zwö', "PAR-'3"] as const;

/** A lookup by the parent's external id, which is spelt in any case; kept is the key's own spelling. */
export const parent = (required: boolean): CellKind => ({
  raws: fc.constantFrom(
    ...parentKeys,
    ...parentKeys.map((key) => key.toLowerCase()),
    ` ${parentKeys[0]} `,
    ...(required ? [] : ['', '#N/A']),
    'PAR-none',
  ),
  kept: (raw) =>
    marked(raw, (read) => parentKeys.find((key) => key.toLowerCase() === read.toLowerCase()) ?? 'no such parent'),
  bad: (raw) => raw === 'PAR-none',
});

/** Values from a fixed list that are always good. */
export function oneOf(...values: string[]): CellKind {
  return { raws: fc.constantFrom(...values), kept: (raw) => marked(raw, (read) => read), bad: () => false };
}

/** A weight that the org's own validation rule refuses where it is negative: the org fails the row, not the plan. */
export const weight: CellKind = {
  raws: fc.constantFrom('5', '7.125', '1234567', '-5', '0', ''),
  kept: (raw) => marked(raw, Number),
  bad: (raw) => raw === '-5',
};
