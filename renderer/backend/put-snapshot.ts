import type { QueryClient } from '@tanstack/react-query';

/**
 * Puts what a call answers where events put theirs. A snapshot that came by an event while it was under way is at least as new as
 * its answer, and stays: a small file has been read before its opening is answered.
 */
export async function putSnapshot<Snapshot>(
  cache: Pick<QueryClient, 'getQueryData' | 'setQueryData'>,
  key: readonly unknown[],
  call: () => Promise<Snapshot>,
): Promise<Snapshot> {
  const before = cache.getQueryData(key);
  const answer = await call();
  if (cache.getQueryData(key) === before) cache.setQueryData(key, answer);
  return answer;
}
