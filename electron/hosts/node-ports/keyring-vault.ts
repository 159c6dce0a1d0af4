import type { SecretVault } from '../../backend/ports.ts';
import type { HostNotices } from './host-notices.ts';
import { lateVault } from './late-vault.ts';
import { memoryVault } from './memory-vault.ts';
import { inPieces } from './secret-pieces.ts';
import { clock, random } from './system.ts';

const SERVICE = 'Longshore';
/** A desktop keyring answers at once or asks its owner; one that is silent this long is not there. */
const PROBE_TIMEOUT = 2500;
/** A keychain that asks its owner first may take minutes: whoever wants one secret hears by then that it is not there yet. */
const ANSWER_WITHIN = 5000;

/**
 * Where secrets are: the system's keychain, which all hosts share; Electron's own encryption, which only the desktop app can
 * undo; or this process's memory.
 */
type SecretStore = 'keychain' | 'desktop' | 'memory';

/** The system's keychain, whether or not it answers yet. */
interface Keychain {
  readonly vault: SecretVault;
  /** Whether it works; settles when its owner has answered it, which may be minutes later. Never rejects. */
  ask(): Promise<boolean>;
}

/**
 * The system's keychain (macOS Keychain, Windows Credential Manager, the Secret Service of Linux desktops), or null where there is
 * none. It is read late: a computer without its binary has no keychain, and everything else.
 */
async function findKeychain(): Promise<Keychain | null> {
  // Without a session bus there is no Secret Service, and asking for one could start a bus.
  if (process.platform === 'linux' && !process.env['DBUS_SESSION_BUS_ADDRESS']) return null;
  try {
    const vault = inPieces(await entries(), random);
    const ask = async (): Promise<boolean> => {
      await vault.set('probe', 'x');
      const works = (await vault.get('probe')) === 'x';
      await vault.delete('probe');
      return works;
    };
    // It can't keep a secret now: what it says to that does not matter.
    return { vault, ask: () => ask().catch(() => false) };
  } catch {
    return null;
  }
}

/** Where secrets are, and what to call it: a keychain that does not answer at first may do so later. */
export interface Secrets {
  readonly vault: SecretVault;
  store(): SecretStore;
}

/** The keychain where one works; else `meanwhile`, until it does. `early` is the vault of a keychain that works at once. */
export async function openSecrets(
  notices: Pick<HostNotices, 'say'>,
  meanwhile: { readonly vault: SecretVault; readonly store: SecretStore },
  early = (keychain: SecretVault): SecretVault => keychain,
): Promise<Secrets> {
  const keychain = await findKeychain();
  if (keychain === null) return { vault: meanwhile.vault, store: () => meanwhile.store };
  const asked = keychain.ask();
  if (await within(PROBE_TIMEOUT, asked).catch(() => false))
    return { vault: early(keychain.vault), store: () => 'keychain' };
  let store = meanwhile.store;
  const back = (): void => {
    store = 'keychain';
    notices.say({ code: 'KEYCHAIN_BACK' });
  };
  const tools = { keychain: keychain.vault, meanwhile: meanwhile.vault, ask: () => keychain.ask(), back };
  return { vault: lateVault({ ...tools, elapsed: () => clock.elapsed() }, asked), store: () => store };
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
export function openVault(notices: Pick<HostNotices, 'say'>): Promise<Secrets> {
  return openSecrets(notices, { vault: memoryVault(), store: 'memory' });
}
