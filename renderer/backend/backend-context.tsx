import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { createContext, useContext, useEffect, type ReactNode } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import type { Input, Output, ProcedureName } from '../../shared/contract/procedures.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { CallFailed, type BackendConnection, type Desk } from './connection.ts';
import { keepSource } from './keep-source.ts';
import { keepTold } from './keep-told.ts';
import { withLoad } from './load-list.ts';
import { progressAfter, type Progress } from './progress.ts';

const Context = createContext<BackendConnection | null>(null);

/** Makes the backend reachable and lets its events replace what was last read. */
export function BackendProvider({ connection, children }: { connection: BackendConnection; children: ReactNode }) {
  const cache = useQueryClient();
  useEffect(
    () =>
      connection.subscribe((event) => {
        switch (event.topic) {
          case 'source':
            keepSource(cache, event.source);
            // How many rows it has is told at home, too.
            if (event.source.state.kind !== 'staging') void cache.invalidateQueries({ queryKey: ['source.recent'] });
            break;
          case 'work':
            cache.setQueryData<Progress>(['work', event.work.sourceId], (before) =>
              progressAfter(before, event.work, performance.now()),
            );
            break;
          case 'load':
            keepTold(cache, ['load.get', { loadId: event.load.loadId }], event.load);
            cache.setQueryData<LoadSnapshot[]>(['load.list', {}], (loads) => withLoad(loads, event.load));
            // A report that was read while the load went on is older than this.
            void cache.invalidateQueries({ queryKey: ['report.get', { loadId: event.load.loadId }] });
            // So is what was offered to be undone, of this load or of the one that it undoes.
            if (event.load.state.kind !== 'running') void cache.invalidateQueries({ queryKey: ['undo.offer'] });
            break;
          case 'run':
            keepTold(cache, ['run.get', { runId: event.run.runId }], event.run);
            void cache.invalidateQueries({ queryKey: ['run.list', { jobId: event.run.jobId }] });
            // When a job runs next hangs on what it did.
            void cache.invalidateQueries({ queryKey: ['schedule.list'] });
            break;
          case 'orgs':
            keepTold(cache, ['orgs.list', {}], event.orgs);
            break;
          case 'read-only':
            keepTold(cache, ['org.readOnly', {}], event.orgIds);
            break;
          case 'settings':
            keepTold(cache, ['settings.get', {}], event.view);
            break;
        }
      }),
    [connection, cache],
  );
  useEffect(() => {
    let before = connection.reach.current();
    return connection.reach.subscribe(() => {
      const now = connection.reach.current();
      if (now === 'there' && before !== 'there') void cache.invalidateQueries({ predicate: isMissed });
      before = now;
    });
  }, [connection, cache]);
  return <Context value={connection}>{children}</Context>;
}

/** Read once and kept by events since; what was told while the backend was out of reach is read anew. */
const TOLD_BY_EVENTS = new Set([
  'source.get',
  'load.get',
  'load.list',
  'run.get',
  'run.list',
  'schedule.list',
  'orgs.list',
  'org.readOnly',
  'settings.get',
]);

function isMissed({ queryKey: [name], state }: { queryKey: readonly unknown[]; state: { status: string } }): boolean {
  return TOLD_BY_EVENTS.has(String(name)) || state.status === 'error';
}

export function useBackend(): BackendConnection {
  const connection = useContext(Context);
  if (!connection) throw new Error('BackendProvider is missing');
  return connection;
}

/** The desk around the window, where there is one; also on a page that could not be connected. */
export function useDesk(): Desk | null {
  return useContext(Context)?.desk ?? null;
}

/** A procedure's answer, kept by its input. `null` as input means: not yet. */
export function useCall<P extends ProcedureName>(
  name: P,
  input: Input<P> | null,
  options: { keep?: boolean; showPreviousOf?: string } = {},
): UseQueryResult<Output<P>> {
  const backend = useBackend();
  return useQuery({
    queryKey: [name, input ?? {}],
    queryFn: ({ signal }) => backend.call(name, input as Input<P>, { signal }),
    enabled: input !== null,
    staleTime: options.keep === true ? Infinity : 5_000,
    // A changed mapping of the same source shows the last answer until the new one is there, instead of nothing.
    placeholderData: (previous, query) =>
      query !== undefined &&
      options.showPreviousOf !== undefined &&
      JSON.stringify(query.queryKey).includes(options.showPreviousOf)
        ? previous
        : undefined,
  });
}

/** What a procedure answered before, should it be known; it is not asked. */
export function useKnown<P extends ProcedureName>(name: P, input: Input<P> | null): Output<P> | undefined {
  const backend = useBackend();
  return useQuery({
    queryKey: [name, input ?? {}],
    queryFn: ({ signal }) => backend.call(name, input as Input<P>, { signal }),
    enabled: false,
  }).data;
}

/** How far the call in flight for a source has come. */
export function useWork(sourceId: string | null): Progress | undefined {
  return useQuery<Progress>({
    queryKey: ['work', sourceId],
    queryFn: () => Promise.reject(new Error('events only')),
    enabled: false,
  }).data;
}

export function failureOf(error: unknown): Failure {
  return error instanceof CallFailed
    ? error.failure
    : { code: 'BUG', incidentId: error instanceof Error ? error.name : 'window', log: '' };
}
