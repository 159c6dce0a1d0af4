import { hashKey } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { hashQueryKey } from './hash-query-key.ts';

const MAPPING = {
  operation: 'insert',
  columns: [{ column: 0, fixes: [], target: { kind: 'field', field: 'Näme"' } }],
  matchField: null,
};

test.each([
  [['orgs.list', {}]],
  [['checks.run', { sourceId: 'src_1', orgId: 'org', mapping: MAPPING }]],
  [['a', { gone: undefined, list: [1, true, null, 'x'] }]],
])('says what react-query’s own says: %j', (key) => {
  expect(hashQueryKey(key)).toBe(hashKey(key));
  expect(hashQueryKey(structuredClone(key))).toBe(hashQueryKey(key));
});

test('the order of entries makes no difference, that of a list does', () => {
  expect(hashQueryKey(['a', { x: 1, y: 2 }])).toBe(hashQueryKey(['a', { y: 2, x: 1 }]));
  expect(hashQueryKey(['a', [1, 2]])).not.toBe(hashQueryKey(['a', [2, 1]]));
});

test('a mapping is written out once, however often it is asked with', () => {
  let reads = 0;
  const mapping = Object.defineProperty({}, 'columns', { enumerable: true, get: () => (reads++, [1, 2, 3]) });
  for (let ask = 0; ask < 5; ask++) hashQueryKey(['checks.run', { sourceId: 'src_1', mapping }]);
  expect(reads).toBe(1);
});
