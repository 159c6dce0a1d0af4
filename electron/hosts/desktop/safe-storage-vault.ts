import { safeStorage } from 'electron';
import type { SecretVault } from '../../backend/ports.ts';
import { memoryVault } from '../node-ports/memory-vault.ts';
import type { SettingsFile } from '../node-ports/settings-file.ts';

const key = (name: string): string => `secret:${name}`;

/**
 * Secrets encrypted by the operating system. On Linux without a keyring Electron falls back to `basic_text`, which is a
 * constant password: that is refused, and secrets then last as long as the window.
 */
export function openSafeStorageVault(settings: SettingsFile): { vault: SecretVault; kind: 'os' | 'memory' } {
  const plain = process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text';
  if (plain || !safeStorage.isEncryptionAvailable()) return { vault: memoryVault(), kind: 'memory' };
  return {
    kind: 'os',
    vault: {
      get: (name) => {
        const stored = settings.get(key(name));
        return Promise.resolve(
          typeof stored === 'string' ? safeStorage.decryptString(Buffer.from(stored, 'base64')) : null,
        );
      },
      set: (name, value) => {
        settings.set(key(name), safeStorage.encryptString(value).toString('base64'));
        // Whoever waits for this relies on it: a renewed refresh token is the only one that still works.
        return settings.flush();
      },
      delete: (name) => {
        settings.set(key(name), null);
        return settings.flush();
      },
    },
  };
}
