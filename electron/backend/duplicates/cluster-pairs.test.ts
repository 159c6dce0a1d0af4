import { expect, test } from 'vitest';
import { withResemblance } from '../test-support/resembling-bench.ts';
import { againOf, MADE_KINDS, recordOf, type MadeRow } from '../test-support/resembling-rows.ts';
import { clusterRows, cutAtWeakest } from './cluster-pairs.ts';
import { DEFAULT_MODELS } from './default-models.ts';

test('a chain is cut at its weakest pair, and what resembles each other stays together', () => {
  const triangle = (first: number) => [
    { l: first, r: first + 1, weight: 9 },
    { l: first + 1, r: first + 2, weight: 8 },
    { l: first, r: first + 2, weight: 7 },
  ];
  const bridge = { l: 3, r: 4, weight: 4 };
  const { groups, cut } = cutAtWeakest([...triangle(1), bridge, ...triangle(4)]);
  expect(groups.map((ids) => ids.sort()).sort()).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(cut).toBe(1);
  const chain = Array.from({ length: 6 }, (_, at) => ({ l: at, r: at + 1, weight: at === 2 ? 3 : 10 + at }));
  const parts = cutAtWeakest(chain);
  expect(
    parts.groups.some((ids) => ids.includes(2) && ids.includes(3)),
    'apart at the weakest',
  ).toBe(false);
  expect(parts.groups.flat().sort(), 'nobody is lost').toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('rows of one account are one group each, however many there are of it', async () => {
  const rows: (readonly [string, MadeRow])[] = Array.from({ length: 400 }, (_, at) => [
    `${at} first`,
    recordOf('Account', 31, at),
  ]);
  for (let at = 0; at < 20; at++)
    rows.push([`${at} second`, againOf('Account', 31, at)], [`${at} third`, recordOf('Account', 31, at)]);
  await withResemblance({ kinds: MADE_KINDS.Account, model: DEFAULT_MODELS.Account }, rows, null, async (found) => {
    const { table, clusters } = await clusterRows(found, found.threshold);
    expect(clusters).toBe(20);
    const groups = await found.work.query(
      `SELECT string_agg(split_part(key, ' ', 2), ' ' ORDER BY key) AS members, count(DISTINCT split_part(key, ' ', 1)) AS accounts
       FROM ${table} GROUP BY cluster`,
    );
    for (const { members, accounts } of groups) {
      expect(accounts).toBe(1);
      expect(String(members)).toMatch(/^first (second )?third$/);
    }
    expect(groups.filter(({ members }) => members === 'first second third').length).toBeGreaterThanOrEqual(19);
  });
});
