import { planWay } from '../../../shared/domain/confirmation.ts';
import type { LoadWay } from '../../../shared/domain/field-mapping.ts';
import type { JobProgress, LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import type { JobClient } from './ingest-job-client.ts';
import type { Journal } from './journal.ts';
import type { PartState } from './journal-steps.ts';
import type { OrphanTools } from './leave-no-job-open.ts';
import type { CollectionRun } from './send-collections.ts';

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

export function wayOf({ stored }: Pick<WholeRun, 'stored'>, { way }: PartState): LoadWay {
  return way ?? planWay(stored.plan);
}
