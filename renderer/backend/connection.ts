import type { BackendEvent } from '../../shared/contract/events.ts';
import type { Failure } from '../../shared/contract/failure.ts';
import type { BackendClient } from '../../shared/contract/procedures.ts';
import type { SourceId } from '../../shared/domain/ids.ts';

/** The renderer's only way to anything: ask, listen, hand files over. */
export interface BackendConnection extends BackendClient {
  subscribe(listener: (event: BackendEvent) => void): () => void;
  handOver(files: readonly File[]): Promise<SourceId>;
}

/** Why a call did not succeed, as the backend said it. */
export class CallFailed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.code);
    this.failure = failure;
  }
}
