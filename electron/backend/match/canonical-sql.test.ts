import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FieldDescribe, FieldTypeName } from '../../../shared/domain/sobject.ts';
import { fieldTypeOf } from '../../../shared/field-types/all-field-types.ts';
import { EDGE_SPACES } from '../../../shared/match/white-space.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { canonicalSql, isCanonicalSql, usualFormSql } from './canonical-sql.ts';

const fields = FieldTypeName.options.map((type) =>
  FieldDescribe.parse({ name: 'F__c', label: 'F', type, nillable: true, createable: true, updateable: true }),
);

const digits = fc.stringMatching(/^[-+]?[0-9]{0,18}[.]?[0-9]{0,8}(?:[eE][-+]?[0-9]{1,2})?$/);
const space = fc.constantFrom(...EDGE_SPACES).map((code) => String.fromCodePoint(code));
const days = fc
  .tuple(fc.constantFrom(2024, 2026), fc.integer({ min: 0, max: 13 }), fc.integer({ min: 27, max: 32 }))
  .map(([year, month, day]) => `${year}-${String(month).padStart(2, '0')}-${day}T06:07:08.000Z`);
const millions = fc.stringMatching(/^-?[0-9][.][0-9]{1,9}E(?:[5-9]|1[0-6])$/);
const value = fc.oneof(
  digits,
  days,
  millions,
  fc.constantFrom(
    '2026-01-02',
    '2026-1-2',
    '2026-01-02T00:00:00Z',
    '2026-01-02T23:59:59.999+0000',
    '2026-01-02T23:59:60.000Z',
    '2026-02-29T00:00:00.000Z',
    'true',
    'false',
    '0.0',
    '-120.0',
    '100.00',
    'A@B.CD',
    'a\r\nb',
    '0',
    '-0',
    '100',
    '1.50',
    'İ@x.yz',
  ),
  fc
    .array(fc.oneof(space, fc.string({ maxLength: 3 }), fc.constantFrom('\r', '\n', 'Σ', 'ß')), { maxLength: 5 })
    .map((parts) => parts.join('')),
);

test('canonical forms in SQL are those of the field types, and what is said to be canonical is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-canonical-'));
  const engine = await DuckDbEngine.create(folder);
  let skipped = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...fields),
      fc.array(value, { minLength: 1, maxLength: 60 }),
      async (field, values) => {
        const texts = values.map((text) => text.replaceAll('\0', '')).filter((text) => text !== '');
        const form = canonicalSql('t', field) ?? `''`;
        const rows = await engine.query(
          `SELECT t, '.' || ${form} AS form, ${isCanonicalSql('t', field)} AS own, '.' || ${usualFormSql('t', field)} AS usual FROM (SELECT unnest(?::JSON::VARCHAR[]) AS t)`,
          [JSON.stringify(texts)],
        );
        for (const [n, text] of texts.entries()) {
          const canonical = fieldTypeOf(field).canonicalise(text, field);
          if (canonicalSql('t', field) !== null) expect(String(rows[n]?.['form']).slice(1)).toBe(canonical);
          const usual = rows[n]?.['usual'];
          if (usual !== null && usual !== undefined) expect(String(usual).slice(1)).toBe(canonical);
          if (rows[n]?.['own'] !== true) continue;
          skipped++;
          expect(canonical).toBe(text);
        }
      },
    ),
    // Of a text field nearly every plain text is canonical: some are, whatever the seed.
    { numRuns: 300, examples: fields.map((field) => [field, ['A', 'true', '2026-01-02', '0', '1.5']]) },
  );
  expect(skipped, 'some are found to be canonical').toBeGreaterThan(10);
  await rm(folder, { recursive: true, force: true });
});
