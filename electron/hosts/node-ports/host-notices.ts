import type { HostNotice } from '../../../shared/domain/host-notice.ts';

/** What this host has to say about itself: each kind once, for as long as it is so. */
export class HostNotices {
  readonly #tell: (notice: HostNotice) => void;
  readonly #current = new Map<HostNotice['code'], HostNotice>();

  constructor(tell: (notice: HostNotice) => void) {
    this.#tell = tell;
  }

  say(notice: HostNotice): void {
    if (this.#current.has(notice.code)) return;
    this.#current.set(notice.code, notice);
    this.#tell(notice);
  }

  /** It is so no longer: should it come back, it is said again. */
  withdraw(code: HostNotice['code']): void {
    this.#current.delete(code);
  }

  all(): readonly HostNotice[] {
    return [...this.#current.values()];
  }
}
