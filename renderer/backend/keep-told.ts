import type { QueryClient } from '@tanstack/react-query';

/**
 * Keeps what an event says in place of what was asked for: an answer that is still on its way may be older, and is called off. Should it be
 * newer, another event says so.
 */
export function keepTold<T>(
  cache: Pick<QueryClient, 'cancelQueries' | 'setQueryData'>,
  queryKey: readonly [name: string, input: object],
  told: T,
): void {
  void cache.cancelQueries({ queryKey, exact: true });
  cache.setQueryData<T>(queryKey, told);
}
