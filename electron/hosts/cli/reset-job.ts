import { syncResetText } from '../../../shared/text/sync-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import { EXIT } from './exit-codes.ts';
import { findJob } from './job-commands.ts';
import type { Ending, Output } from './output.ts';

export interface ResetJobFlags {
  readonly job: string;
  /** What would be forgotten is only shown. */
  readonly preview?: boolean;
}

/** Forgets what a job's sync agreed on. */
export async function resetJob(caller: BackendCaller, flags: ResetJobFlags, output: Output): Promise<Ending> {
  const { jobId, definition } = await findJob(caller, flags.job, output);
  const { preview = false } = flags;
  const state = await caller.call('job.reset', { jobId, preview });
  output.line(`Job “${definition.name}”`);
  output.line(`  ${syncResetText(state)}`);
  output.line(preview ? 'Nothing was forgotten.' : 'Forgotten. The next run compares every row with the org.');
  return { code: EXIT.ok, result: { state, forgotten: !preview } };
}
