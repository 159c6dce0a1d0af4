import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { keepTold } from './keep-told.ts';

const queryKey = ['orgs.list', {}] as const;

test.each([
  ['the first answer', undefined],
  ['a later answer', ['active']],
])('%s that was asked for before an event does not take its place', async (_what, known) => {
  const cache = new QueryClient();
  if (known) cache.setQueryData(queryKey, known);
  let answer: (orgs: string[]) => void = () => undefined;
  const asked = new QueryObserver<string[]>(cache, {
    queryKey,
    queryFn: () => new Promise<string[]>((resolve) => (answer = resolve)),
    retry: false,
  });
  const seen: unknown[] = [];
  const stop = asked.subscribe(({ data, error }) => seen.push(error ?? data));
  await expect.poll(() => cache.isFetching()).toBe(1);
  keepTold(cache, queryKey, ['expired']);
  answer(['active']);
  await expect.poll(() => cache.isFetching()).toBe(0);
  expect(cache.getQueryData(queryKey)).toEqual(['expired']);
  expect(asked.getCurrentResult()).toMatchObject({ data: ['expired'], status: 'success', error: null });
  expect(seen.at(-1)).toEqual(['expired']);
  // It is asked for anew as ever.
  const again = asked.refetch();
  answer(['signed in']);
  expect((await again).data).toEqual(['signed in']);
  stop();
});
