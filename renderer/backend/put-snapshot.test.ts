import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { putSnapshot } from './put-snapshot.ts';

const KEY = ['source.get', { sourceId: 'src_1' }];

test('an answer is put where events put theirs', async () => {
  const cache = new QueryClient();
  cache.setQueryData(KEY, { state: 'staging' });
  await putSnapshot(cache, KEY, () => Promise.resolve({ state: 'staged' }));
  expect(cache.getQueryData(KEY)).toEqual({ state: 'staged' });
});

test('an answer that an event has overtaken is not', async () => {
  const cache = new QueryClient();
  const answer = await putSnapshot(cache, KEY, () => {
    cache.setQueryData(KEY, { state: 'staged' });
    return Promise.resolve({ state: 'staging' });
  });
  expect(answer).toEqual({ state: 'staging' });
  expect(cache.getQueryData(KEY)).toEqual({ state: 'staged' });
});
