import type { LoadSnapshot } from '../../../../shared/domain/load-results.ts';
import type { SourceSummary } from '../../../../shared/domain/source-file.ts';

/** What the model asks of a backend's process. */
export type ChildRequest =
  | { readonly kind: 'open'; readonly data: string }
  | { readonly kind: 'call'; readonly name: string; readonly input: unknown }
  | { readonly kind: 'handOver'; readonly paths: readonly string[] }
  /** SIGKILL by its own hand when the journal in `folder` has a step for the nth time, `jitter` ms later. */
  | {
      readonly kind: 'killAt';
      readonly folder: string;
      readonly step: string;
      readonly nth: number;
      readonly jitter: number;
    }
  /** SIGKILL by its own hand once a run's state is on disk for the nth time: that of its state, or of the step that prepares it. */
  | { readonly kind: 'killAtRun'; readonly state: string; readonly nth: number }
  | { readonly kind: 'killStaging' }
  | { readonly kind: 'clock' }
  | { readonly kind: 'close' };

export type ChildAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly text: string }
  | { readonly kind: 'load'; readonly load: LoadSnapshot }
  | { readonly kind: 'source'; readonly source: SourceSummary }
  | { readonly kind: 'log'; readonly text: string };

export interface ClockReading {
  /** Milliseconds as the backend's own clock counts them: pauses in full. */
  readonly virtual: number;
  /** Pauses asked for since the last reading, ms. */
  readonly pauses: number[];
}
