import type { SecretVault } from '../../backend/ports.ts';
import { memoryVault } from './memory-vault.ts';
import { inPieces } from './secret-pieces.ts';
import { random } from './system.ts';

const SERVICE = 'Longshore';
/** A desktop keyring answers at once or asks its owner; one that is silent this long is not there. */
const PROBE_TIMEOUT = 2500;
/** A keychain that asks its owner first may take minutes: whoever wants one secret hears by then that it is not there yet. */
const ANSWER_WITHIN = 5000;

/**
 * Where secrets are: the system's keychain, which all hosts share; Electron's own encryption, which only the desktop app can
 * undo; or this process's memory.
 */
export type SecretStore = 'keychain' | 'desktop' | 'memory';

/**
 * The system's keychain (macOS Keychain, Windows Credential Manager, the Secret Service of Linux desktops), or null where none
 * works. It is read late: a computer without its binary has no keychain, and everything else.
 */
export async function openKeychain(): Promise<SecretVault | null> {
  // Without a session bus there is no Secret Service, and asking for one could start a bus.
  if (process.platform === 'linux' && !process.env['DBUS_SESSION_BUS_ADDRESS']) return null;
  try {
    const vault = inPieces(await entries(), random);
    const probe = async () => {
      await vault.set('probe', 'x');
      return (await vault.get('probe')) === 'x';
    };
    if (!(await within(PROBE_TIMEOUT, probe()))) return null;
    await vault.delete('probe');
    return vault;
  } catch {
    // No keychain on this machine: what it says does not matter, only that it can't keep a secret.
    return null;
  }
}

async function entries(): Promise<SecretVault> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  // The kernel's key store, which would be taken otherwise, forgets at the end of the login session.
  const entry = (name: string) => new AsyncEntry(SERVICE, name, { linux: { store: 'secret-service' } });
  const asked = new Map<string, Promise<string | null>>();
  return {
    get: (name) => {
      // Its owner is asked once, however often it is wanted meanwhile.
      const answer = asked.get(name) ?? entry(name).getPassword();
      asked.set(name, answer);
      const forget = () => void asked.delete(name);
      answer.then(forget, forget);
      return within(ANSWER_WITHIN, answer);
    },
    set: (name, value) => entry(name).setPassword(value),
    delete: async (name) => {
      await entry(name).deletePassword();
    },
  };
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const silent = Object.assign(new Error('the keychain is silent'), { code: 'ETIMEDOUT' });
  const timer = setTimeout(() => late.reject(silent), milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The keychain where there is one that works, else memory; never a file. */
export async function openVault(): Promise<{ vault: SecretVault; kind: SecretStore }> {
  const keychain = await openKeychain();
  return keychain === null ? { vault: memoryVault(), kind: 'memory' } : { vault: keychain, kind: 'keychain' };
}
