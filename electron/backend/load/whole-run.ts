import { planWay } from '../../../shared/domain/confirmation.ts';
import type { JobProgress, LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { LoadWay } from '../../../shared/domain/load-way.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import type { JobClient } from './ingest-job-client.ts';
import type { Journal } from './journal.ts';
import type { PartState } from './part-state.ts';
import type { OrphanTools } from './leave-no-job-open.ts';
import type { CollectionRun } from './collection-run.ts';

/** Ways that take jobs. */
export type JobWay = Exclude<LoadWay, 'collections'>;

/** What a whole load works with, whichever ways its parts go. */
export interface WholeRun extends CollectionRun {
  readonly clients: Readonly<Record<JobWay, JobClient>>;
  readonly journal: Pick<Journal, 'write' | 'mark'>;
  readonly staging: StagingClient;
  readonly stored: StoredPlan;
  readonly orphans: OrphanTools;
  readonly change: (change: Partial<LoadSnapshot>) => void;
  /** Shows parts that came to the load; those that are shown already stay as they are. */
  readonly added: (jobs: readonly JobProgress[]) => void;
}

/**
 * The way that a part goes. What was written for one way is sent that way, although the plan may be sent another one by this version: of a
 * part that goes as collections nothing was written, and only those of Bulk API 2.0 have turns.
 */
export function wayOf(
  { stored }: { readonly stored: Pick<StoredPlan, 'plan'> },
  { way, bytes, turn }: Pick<PartState, 'way' | 'bytes' | 'turn'>,
): LoadWay {
  if (way !== null) return way;
  if (bytes === 0) return 'collections';
  return turn === null ? planWay(stored.plan) : 'bulk';
}
