import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { BackendPorts } from '../ports.ts';

export type LoadPorts = Pick<BackendPorts, 'paths' | 'clock' | 'random' | 'log'>;

/** What a load is read with: how it stands, what it runs, and where its files are. */
export interface OpenedLoad {
  readonly snapshot: LoadSnapshot;
  readonly stored: StoredPlan;
  readonly folder: string;
}
