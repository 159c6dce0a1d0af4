import { expect, test } from 'vitest';
import { withResemblance } from '../test-support/resembling-bench.ts';
import { madeFile, MADE_KINDS } from '../test-support/resembling-rows.ts';
import { DEFAULT_MODELS } from './default-models.ts';
import { learnFromLabels } from './learn-from-labels.ts';
import { borderlinePairs, pairsFrom } from './resembling-pairs.ts';

const made = () => madeFile('Contact', { seed: 41, records: 1500, rows: 800, share: 0.1 });

test('what a person says of pairs moves the threshold and the weights, in the direction of the word', async () => {
  const { rows, records } = made();
  await withResemblance({ kinds: MADE_KINDS.Contact, model: DEFAULT_MODELS.Contact }, rows, records, async (found) => {
    const asked = await borderlinePairs(found);
    const count = async (of: typeof found) =>
      (await pairsFrom(of, { threshold: of.threshold, offset: 0, limit: 10_000 })).length;
    const before = await count(found);
    expect(await learnFromLabels(found, []), 'nothing said, nothing changed').toBe(found);
    const strict = await learnFromLabels(
      found,
      asked.map((pair) => ({ pair, same: false })),
    );
    expect(strict.threshold).toBeGreaterThan(found.threshold);
    expect(await count(strict)).toBeLessThan(before);
    const [first] = await pairsFrom(strict, { threshold: -40, offset: 0, limit: 1 });
    const sum = (first?.reasons ?? []).reduce((all, { weight }) => all + weight, strict.prior);
    expect(sum, 'what is said of a pair is still its weight').toBeCloseTo(first?.weight ?? 0, 3);
  });
});

test('with the truth of twenty pairs, those are told apart better than before', async () => {
  const { rows, records } = made();
  // A threshold that finds too much.
  const loose = { ...DEFAULT_MODELS.Contact, threshold: -7 };
  await withResemblance({ kinds: MADE_KINDS.Contact, model: loose }, rows, records, async (found) => {
    const wrong = async (of: typeof found) =>
      (await pairsFrom(of, { threshold: of.threshold, offset: 0, limit: 10_000 })).filter(
        ({ row, record }) => row !== record,
      ).length;
    const before = await wrong(found);
    const labels = (await borderlinePairs(found)).map((pair) => ({ pair, same: pair.row === pair.record }));
    expect(before).toBeGreaterThan(10);
    expect(await wrong(await learnFromLabels(found, labels))).toBeLessThan(before);
  });
});
