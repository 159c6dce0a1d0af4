import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { LoadId } from '../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { askForLoad } from './ask-for-load.ts';
import { keepTold } from './keep-told.ts';

const loadId = LoadId.parse('load_abcdefgh12345678');
const queryKey = ['load.get', { loadId }] as const;
const stands = (kind: 'running' | 'finished') => ({ loadId, state: { kind } }) as LoadSnapshot;

test.each([
  ['a load that begins', null],
  ['a load that goes on', loadId],
])('%s: the answer is kept, but for one that is older than what was told meanwhile', async (_what, known) => {
  const cache = new QueryClient();
  if (known) cache.setQueryData(queryKey, stands('finished'));
  await askForLoad(cache, known, () => Promise.resolve(stands('running')));
  expect(cache.getQueryData(queryKey)).toEqual(stands('running'));

  if (!known) cache.removeQueries({ queryKey });
  const answer = await askForLoad(cache, known, () => {
    keepTold(cache, queryKey, stands('finished'));
    return Promise.resolve(stands('running'));
  });
  expect(answer).toEqual(stands('running'));
  expect(cache.getQueryData(queryKey)).toEqual(stands('finished'));
});
