import type { SecretVault } from '../../backend/ports.ts';

/**
 * A vault that takes over from another, secret by secret. What the old one holds was kept while the new one was not there, and
 * is the later of the two. One that the old vault can't read costs itself only, and stays there.
 */
export function movingVault(from: SecretVault, to: SecretVault): SecretVault {
  const moved = async (name: string, value: string): Promise<void> => {
    await to.set(name, value);
    await from.delete(name);
  };
  return {
    get: async (name) => {
      let failed: { readonly error: unknown } | null = null;
      const old = await from.get(name).catch((error: unknown) => {
        failed = { error };
        return null;
      });
      if (old !== null) {
        // One that does not move now is of use all the same, and moves another time.
        await moved(name, old).catch(() => undefined);
        return old;
      }
      const kept = await to.get(name);
      if (kept === null && failed !== null) throw (failed as { readonly error: unknown }).error;
      return kept;
    },
    set: moved,
    delete: async (name) => {
      await to.delete(name);
      await from.delete(name);
    },
  };
}
