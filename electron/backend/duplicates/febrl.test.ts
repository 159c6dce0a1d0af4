import { expect, test } from 'vitest';
import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import { FEBRL_KINDS, febrlPair } from '../test-support/febrl-rows.ts';
import { withResemblance } from '../test-support/resembling-bench.ts';
import { DEFAULT_MODELS } from './default-models.ts';
import { pairsFrom } from './resembling-pairs.ts';

const PEOPLE = 1500;

/** The same people in two lists, one of them with up to four mistakes in each; `npm run bench:duplicates` has 5,000 of other names. */
test.each<[string, ResemblanceKind[], number]>([
  ['all fields', [], 0.999],
  ['all but the number', ['identifier'], 0.997],
  ['names and addresses only', ['identifier', 'birthDate'], 0.98],
])('people of two lists are told by %s', async (_, without, least) => {
  const kinds = FEBRL_KINDS.filter((kind) => !without.includes(kind));
  const { originals, duplicates } = febrlPair(51, PEOPLE);
  await withResemblance({ kinds, model: DEFAULT_MODELS.PersonAccount }, duplicates, originals, async (found) => {
    const pairs = await pairsFrom(found, { threshold: found.threshold, offset: 0, limit: 10 * PEOPLE });
    const hits = pairs.filter(({ row, record }) => row === record).length;
    const [precision, recall] = [hits / pairs.length, hits / PEOPLE];
    expect((2 * precision * recall) / (precision + recall)).toBeGreaterThanOrEqual(least);
  });
});
