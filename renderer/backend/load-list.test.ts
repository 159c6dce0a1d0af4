import { expect, test } from 'vitest';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { withLoad } from './load-list.ts';

const load = (loadId: string, rows: number) => ({ loadId, rows }) as LoadSnapshot;

test('a load that is told of takes its own place in the list, a new one the first; a list not asked for stays so', () => {
  const list = [load('b', 1), load('a', 1)];
  expect(withLoad(list, load('a', 2))).toEqual([load('b', 1), load('a', 2)]);
  expect(withLoad(list, load('c', 3))).toEqual([load('c', 3), load('b', 1), load('a', 1)]);
  expect(withLoad(undefined, load('c', 3))).toBeUndefined();
});
