import { AsyncEntry } from '@napi-rs/keyring';
import type { SecretVault } from '../../backend/ports.ts';
import { memoryVault } from './memory-vault.ts';

const SERVICE = 'Longshore';
/** A desktop keyring answers at once or asks its owner; one that is silent this long is not there. */
const PROBE_TIMEOUT = 2500;

function keyringVault(): SecretVault {
  return {
    get: (name) => new AsyncEntry(SERVICE, name).getPassword(),
    set: (name, value) => new AsyncEntry(SERVICE, name).setPassword(value),
    delete: async (name) => {
      await new AsyncEntry(SERVICE, name).deletePassword();
    },
  };
}

/** The operating system's keyring where there is one that works, else memory; never a file. */
export async function openVault(): Promise<{ vault: SecretVault; kind: 'os' | 'memory' }> {
  // On Linux only the desktop's secret service lasts; the kernel's key store ends with the login session.
  if (process.platform === 'linux' && !process.env['DBUS_SESSION_BUS_ADDRESS'])
    return { vault: memoryVault(), kind: 'memory' };
  const vault = keyringVault();
  try {
    const probe = async () => {
      await vault.set('probe', 'x');
      return (await vault.get('probe')) === 'x';
    };
    const timeout = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), PROBE_TIMEOUT).unref());
    if (await Promise.race([probe(), timeout])) {
      await vault.delete('probe');
      return { vault, kind: 'os' };
    }
  } catch {
    // No keyring on this machine: what it says does not matter, only that it can't keep a secret.
  }
  return { vault: memoryVault(), kind: 'memory' };
}
