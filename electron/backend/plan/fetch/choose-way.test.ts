import { expect, test } from 'vitest';
import { chooseWay, type FetchFacts } from './choose-way.ts';

const never = () => Promise.reject(new Error('nobody had to ask'));

/** Keys of so many characters, of a field that is unique. */
function facts(keys: number, length: number, given: Partial<FetchFacts> = {}): FetchFacts {
  return {
    keys,
    uriBytes: keys * (length + 5),
    characters: keys * (length + 3),
    listBytes: 11_000,
    unique: true,
    collections: false,
    ...given,
  };
}

test.each<[string, FetchFacts, number | null, string, number]>([
  ['a few keys', facts(40, 10), null, 'key-lists', 1],
  ['some hundred Ids', facts(400, 18, { collections: true }), null, 'key-lists', 1],
  ['some thousand Ids', facts(6000, 18, { collections: true }), null, 'collections', 3],
  ['a thousand keys', facts(1000, 10), null, 'key-lists', 2],
  ['as many keys as an object has records', facts(100_000, 10), 100_000, 'object', 6],
  ['ten thousand keys of an object of many millions', facts(10_000, 10), 40_000_000, 'key-lists', 14],
  ['ten thousand keys of an object of nobody knows how many', facts(10_000, 10), null, 'key-lists', 14],
  ['keys of a script that a URI writes at length', facts(10_000, 10, { uriBytes: 950_000 }), null, 'key-jobs', 10],
  ['a million Ids of a million records', facts(1_000_000, 18, { collections: true }), 1_000_000, 'object', 24],
  [
    'keys that name many records each, once there are more than a few',
    facts(700, 18, { unique: false }),
    5000,
    'key-jobs',
    5,
  ],
  ['long keys, a list each', facts(300, 10_000), 2000, 'object', 5],
])('%s', async (_name, given, inOrg, way, calls) => {
  const { way: chosen, calls: cost } = await chooseWay(given, () => Promise.resolve(inOrg));
  expect([chosen, cost]).toEqual([way, calls]);
});

test('the org is not asked how many records it has where lists are cheaper than any job', async () => {
  expect(await chooseWay(facts(1000, 10), never)).toMatchObject({ way: 'key-lists' });
});
