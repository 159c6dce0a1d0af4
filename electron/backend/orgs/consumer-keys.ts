import { z } from 'zod';
import type { BackendPorts } from '../ports.ts';

const SETTINGS_KEY = 'consumerKeys';
/** One key for every address, as it was kept before. */
const FORMER_KEY = 'clientId';

/** Consumer keys of External Client Apps by the address they were used at: an org knows only its own apps. They are no secrets. */
export class ConsumerKeys {
  readonly #settings: BackendPorts['settings'];

  constructor(settings: BackendPorts['settings']) {
    this.#settings = settings;
  }

  /** The key that worked at this address last; null for none. */
  at(loginUrl: string): string | null {
    const own = keysIn(this.#settings.get(SETTINGS_KEY))[loginUrl];
    const former = this.#settings.get(FORMER_KEY);
    return own ?? (typeof former === 'string' && former !== '' ? former : null);
  }

  remember(loginUrl: string, key: string): void {
    this.#settings.update(SETTINGS_KEY, (stored) => ({ ...keysIn(stored), [loginUrl]: key }));
  }
}

function keysIn(stored: unknown): Record<string, string> {
  return z.record(z.string(), z.string()).safeParse(stored).data ?? {};
}
