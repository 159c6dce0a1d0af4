import { QueryClient } from '@tanstack/react-query';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SourceId } from '../../shared/domain/ids.ts';
import type { SourceSummary } from '../../shared/domain/source-file.ts';
import { keepSource } from './keep-source.ts';

const sourceId = SourceId.parse('src_0123456789abcdef');
const at = (revision: number) => ({ sourceId, revision }) as SourceSummary;

test('in whatever order events and answers come, the latest is kept', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1 }), (order) => {
      const cache = new QueryClient();
      for (const revision of order) keepSource(cache, at(revision));
      expect(cache.getQueryData(['source.get', { sourceId }])).toEqual(at(Math.max(...order)));
    }),
  );
});

test('an answer that says the same as an event before it is as good', () => {
  const cache = new QueryClient();
  keepSource(cache, at(2));
  keepSource(cache, { ...at(2), fileName: 'answered' });
  expect(cache.getQueryData(['source.get', { sourceId }])).toMatchObject({ fileName: 'answered' });
});
