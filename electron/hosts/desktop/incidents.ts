import { release } from 'node:os';
import type { Failure } from '../../../shared/contract/failure.ts';

type Bug = Extract<Failure, { code: 'BUG' }>;

/** The last thing that went wrong and that nobody expected, for whoever reports it. */
export class Incidents {
  readonly #changed: () => void;
  #last: Bug | null = null;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Takes any failure, and keeps what is an incident. */
  note(failure: Failure): void {
    if (failure.code !== 'BUG') return;
    this.#last = failure;
    this.#changed();
  }

  /** What belongs into a report of it; no name of a person and no data. Empty without an incident. */
  details(version: string): string {
    if (this.#last === null) return '';
    const { incidentId, log } = this.#last;
    const electron = process.versions['electron'] ?? 'none';
    return [
      `Longshore ${version} (${process.platform} ${process.arch} ${release()}, Electron ${electron})`,
      `Incident ${incidentId}`,
      ...(log === '' ? [] : [`Log ${log}`]),
    ].join('\n');
  }
}
