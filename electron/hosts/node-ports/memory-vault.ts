import type { SecretVault } from '../../backend/ports.ts';

/** Secrets for this process only. The person is told of the sign-in that a restart will bring. */
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
