import { safeStorage } from 'electron';
import type { SecretVault } from '../../backend/ports.ts';
import type { HostNotices } from '../node-ports/host-notices.ts';
import { openSecrets, type Secrets } from '../node-ports/keyring-vault.ts';
import { memoryVault } from '../node-ports/memory-vault.ts';
import { movingVault } from '../node-ports/moving-vault.ts';
import type { SettingsFile } from '../node-ports/settings-file.ts';

const key = (name: string): string => `secret:${name}`;

/**
 * The system's keychain, which the command line and the browser host read too; where there is none, what Electron can encrypt;
 * else memory. Secrets that were encrypted by Electron move to the keychain once there is one.
 */
export async function openDesktopVault(settings: SettingsFile, notices: Pick<HostNotices, 'say'>): Promise<Secrets> {
  const encrypted = encryptedVault(settings);
  const meanwhile = isEncrypting()
    ? ({ vault: encrypted, store: 'desktop' } as const)
    : ({ vault: memoryVault(), store: 'memory' } as const);
  return openSecrets(notices, meanwhile, (keychain) => movingVault(encrypted, keychain));
}

/** On Linux without a keyring Electron falls back to `basic_text`, which is a constant password: that is refused. */
function isEncrypting(): boolean {
  const plain = process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text';
  return !plain && safeStorage.isEncryptionAvailable();
}

function encryptedVault(settings: SettingsFile): SecretVault {
  const put = (name: string, value: string | null): Promise<void> => {
    settings.set(key(name), value);
    // Whoever waits for this relies on it: a renewed refresh token is the only one that still works.
    return settings.flush();
  };
  return {
    get: (name) => {
      const stored = settings.get(key(name));
      return new Promise((resolve) =>
        resolve(typeof stored === 'string' ? safeStorage.decryptString(Buffer.from(stored, 'base64')) : null),
      );
    },
    set: (name, value) => put(name, safeStorage.encryptString(value).toString('base64')),
    delete: (name) => (typeof settings.get(key(name)) === 'string' ? put(name, null) : Promise.resolve()),
  };
}
