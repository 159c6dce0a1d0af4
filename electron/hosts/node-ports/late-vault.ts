import { setTimeout as sleep } from 'node:timers/promises';
import type { SecretVault } from '../../backend/ports.ts';
import { movingVault } from './moving-vault.ts';

/** A keychain that refused is asked again when a secret is wanted, and not at each: it may ask its owner. Milliseconds. */
const AGAIN_AFTER = 30_000;
/** Whoever wants a secret waits so long for a keychain that is asked again, in milliseconds. */
const PATIENCE = 2500;

interface Tools {
  readonly keychain: SecretVault;
  /** Where secrets are while the keychain does not answer. */
  readonly meanwhile: SecretVault;
  /** Whether the keychain answers; settles when its owner has answered it, which may be minutes later. Never rejects. */
  readonly ask: () => Promise<boolean>;
  /** Milliseconds that only go forward. */
  readonly elapsed: () => number;
  /** It answered at last, and has what was kept meanwhile. */
  readonly back: () => void;
}

/**
 * A vault whose keychain did not answer when it was opened: locked, or waiting for its owner. When it answers after all it gets what
 * was kept meanwhile, sign-outs too, and is used from then on. `asked` is the question that is still open.
 */
export function lateVault(tools: Tools, asked: Promise<boolean>): SecretVault & { readonly returned: Promise<void> } {
  const { keychain, meanwhile } = tools;
  const moving = movingVault(meanwhile, keychain);
  const returned = Promise.withResolvers<void>();
  /** What became of each secret meanwhile. */
  const changed = new Map<string, 'kept' | 'deleted'>();
  let current = meanwhile;
  let asking: Promise<void> | null = null;
  let askedAt = tools.elapsed();

  const comeBack = async (answers: boolean): Promise<void> => {
    if (!answers) return;
    for (const [name, became] of changed) {
      // One that is not taken now stays where it is, and moves when it is wanted.
      if (became === 'kept') await moving.get(name);
      else await keychain.delete(name);
    }
    current = moving;
    tools.back();
    returned.resolve();
  };
  const follow = (answer: Promise<boolean>): Promise<void> => {
    // A sign-out that it does not take after all: asked again another time.
    asking = answer
      .then(comeBack)
      .catch(() => undefined)
      .finally(() => (asking = null));
    return asking;
  };
  const now = async (): Promise<SecretVault> => {
    if (current === meanwhile && asking === null && tools.elapsed() - askedAt >= AGAIN_AFTER) {
      askedAt = tools.elapsed();
      const waited = new AbortController();
      const enough = sleep(PATIENCE, undefined, { signal: waited.signal }).catch(() => undefined);
      await Promise.race([follow(tools.ask()), enough]);
      waited.abort();
    }
    return current;
  };
  const change = async (name: string, became: 'kept' | 'deleted', work: (vault: SecretVault) => Promise<void>) => {
    const vault = await now();
    if (vault === meanwhile) changed.set(name, became);
    await work(vault);
  };
  void follow(asked);
  return {
    returned: returned.promise,
    get: async (name) => (await now()).get(name),
    set: (name, value) => change(name, 'kept', (vault) => vault.set(name, value)),
    delete: (name) => change(name, 'deleted', (vault) => vault.delete(name)),
  };
}
