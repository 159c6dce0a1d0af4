import type { HandlersOf } from '../dispatch.ts';
import type { RunRegistry } from './run-registry.ts';

/** Runs of jobs, from their files to the end of their loads. */
export function runProcedures(runs: RunRegistry): HandlersOf<'run'> {
  return {
    'run.prepare': (asked, signal) => runs.prepare(asked, signal),
    'run.load': (asked, signal) => runs.load(asked, signal),
    'run.approve': (asked, signal) => runs.approve(asked, signal),
    'run.reject': ({ runId }, signal) => runs.reject(runId, signal),
    'run.get': ({ runId }) => runs.get(runId),
    'run.list': ({ jobId }) => runs.list(jobId),
  };
}
