import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalText } from '../../../shared/match/canonical-text.ts';
import { foldCase, foldKey } from '../../../shared/match/fold-key.ts';
import { EDGE_SPACES, trimEdges } from '../../../shared/match/white-space.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import {
  canonicalTextSql,
  foldCaseSql,
  foldKeySql,
  hasEdgesSql,
  isBlankSql,
  lineFeedsSql,
  trimEdgesSql,
} from './match-sql.ts';

let folder: string;
let engine: DuckDbEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-match-'));
  engine = await DuckDbEngine.create(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What DuckDB makes of each text, by an expression over `t`. The mark in front keeps the driver from dropping a U+FEFF there. */
async function bySql(texts: readonly string[], expression: string): Promise<string[]> {
  return engine.withConnection(null, async (connection: DuckDBConnection) => {
    await connection.run('CREATE TEMP TABLE given (n INTEGER, t VARCHAR)');
    const appender = await connection.createAppender('given', 'main', 'temp');
    for (const [n, text] of texts.entries()) {
      appender.appendInteger(n);
      appender.appendVarchar(text);
      appender.endRow();
    }
    appender.closeSync();
    const reader = await connection.runAndReadAll(`SELECT '.' || (${expression}) FROM given ORDER BY n`);
    await connection.run('DROP TABLE given');
    return reader.getRows().map(([value]) => String(value).slice(1));
  });
}

const codePoints = (): number[] => {
  const all: number[] = [];
  for (let code = 1; code <= 0x10ffff; code++) if (code < 0xd800 || code > 0xdfff) all.push(code);
  return all;
};

const space = fc.constantFrom(...EDGE_SPACES, 0x180e, 0x200c, 0x2060, 0x1f).map((code) => String.fromCodePoint(code));
const nasty = fc.constantFrom(
  '\r',
  '\n',
  '\r\n',
  '"',
  ',',
  'ß',
  'İ',
  'ſ',
  'Σ',
  'ς',
  'ΑΣ',
  'i\u0307',
  'Ǆ',
  '\u{10400}',
  '😀',
  'é',
);
/** Texts of spaces, odd letters and anything else, without lone surrogates, which UTF-8 has none of. */
const text = fc
  .array(fc.oneof(space, nasty, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 12 })
  .map((parts) => parts.join('').toWellFormed());

test('the trimmed spaces are all of Unicode’s white space and two of no width', () => {
  const white = codePoints().filter((code) => /^\p{White_Space}$/u.test(String.fromCodePoint(code)));
  expect([...EDGE_SPACES].sort((a, b) => a - b)).toEqual([...white, 0x200b, 0xfeff].sort((a, b) => a - b));
});

test('every single space is trimmed from both edges and kept inside, alike in SQL and TypeScript', async () => {
  const texts = EDGE_SPACES.map((code) => String.fromCodePoint(code)).map((s) => `${s}${s}a${s}b${s}`);
  const wanted = texts.map((t) => t.slice(2, -1));
  expect(texts.map(trimEdges)).toEqual(wanted);
  expect(await bySql(texts, trimEdgesSql('t'))).toEqual(wanted);
});

test('SQL and TypeScript trim, fold and canonicalise any text alike', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 200 }), async (texts) => {
      expect(await bySql(texts, trimEdgesSql('t'))).toEqual(texts.map(trimEdges));
      expect(await bySql(texts, hasEdgesSql('t'))).toEqual(texts.map((t) => String(trimEdges(t) !== t)));
      expect(await bySql(texts, isBlankSql('t'))).toEqual(texts.map((t) => String(trimEdges(t) === '')));
      expect(await bySql(texts, canonicalTextSql('t'))).toEqual(texts.map(canonicalText));
      expect(await bySql(texts, lineFeedsSql('t'))).toEqual(texts.map((t) => t.replace(/\r\n?/g, '\n')));
      expect(await bySql(texts, foldCaseSql('t'))).toEqual(texts.map(foldCase));
    }),
    { numRuns: 60 },
  );
}, 120_000);

test('every letter of Unicode has one lower case, in SQL and in TypeScript', async () => {
  const letters = codePoints().map((code) => `x${String.fromCodePoint(code)}`);
  const folded = await bySql(letters, foldCaseSql('t'));
  const differing = letters.filter((letter, n) => folded[n] !== foldCase(letter));
  expect(differing.map((letter) => letter.codePointAt(1)?.toString(16))).toEqual([]);
});

test('folding twice changes nothing more, and only case is folded', () => {
  expect(['STRASSE', 'STRAẞE', 'İstanbul', 'ſ', 'ΟΔΟΣ'].map(foldCase)).toEqual([
    'strasse',
    'straße',
    'istanbul',
    'ſ',
    'οδοσ',
  ]);
  fc.assert(fc.property(text, (t) => foldCase(foldCase(t)) === foldCase(t)));
});

test('keys are case-blind unless their field says otherwise, and ids never', async () => {
  const keys = ['ERP-1', 'erp-1'];
  const cases = [
    [{ type: 'string', caseSensitive: false }, 1],
    [{ type: 'string', caseSensitive: true }, 2],
    [{ type: 'id', caseSensitive: false }, 2],
    [{ type: 'reference', caseSensitive: false }, 2],
  ] as const;
  for (const [field, kinds] of cases) {
    expect(new Set(keys.map((key) => foldKey(key, field))).size, field.type).toBe(kinds);
    expect(new Set(await bySql(keys, foldKeySql('t', field))).size, field.type).toBe(kinds);
  }
});

test('a long text of spaces is trimmed in one pass', () => {
  const long = `${' '.repeat(1_000_000)}x${' '.repeat(1_000_000)}y`;
  expect(trimEdges(long)).toHaveLength(1_000_002);
});
