import type { BackendEvent, HostCommand } from '../../shared/contract/events.ts';
import type { Failure } from '../../shared/contract/failure.ts';
import type { BackendClient } from '../../shared/contract/procedures.ts';
import type { DeskRequest } from '../../shared/contract/wire.ts';
import type { SourceId } from '../../shared/domain/ids.ts';
import type { Reach } from './reach.ts';

/** The renderer's only way to anything: ask, listen, hand files over. */
export interface BackendConnection extends BackendClient {
  subscribe(listener: (event: BackendEvent) => void): () => void;
  handOver(files: readonly File[]): Promise<SourceId>;
  /** Whether the backend answers just now. */
  readonly reach: Reach;
  /** The desk around the window; null in a browser, which has its own. */
  readonly desk: Desk | null;
}

/** A menu that sends commands, and a desk that shows files. */
export interface Desk {
  onCommand(listener: (command: HostCommand) => void): () => void;
  ask(request: DeskRequest): void;
}

/** Why a call did not succeed, as the backend said it. */
export class CallFailed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.code);
    this.failure = failure;
  }
}
