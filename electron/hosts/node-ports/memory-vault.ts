import type { SecretVault } from '../../backend/ports.ts';

/** Secrets for this process only. She is told that she will sign in again after a restart. */
export function memoryVault(): SecretVault {
  const secrets = new Map<string, string>();
  return {
    get: (name) => Promise.resolve(secrets.get(name) ?? null),
    set: (name, value) => {
      secrets.set(name, value);
      return Promise.resolve();
    },
    delete: (name) => {
      secrets.delete(name);
      return Promise.resolve();
    },
  };
}
