import { homedir } from 'node:os';
import { sep } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { readSettings, SettingsView, type AppSettings, type ProxySetting } from '../../../shared/domain/settings.ts';
import { systemCode } from '../documents/durable-file.ts';
import type { BackendPorts } from '../ports.ts';
import { proxySecret, withoutSecret } from './proxy-secret.ts';

export const SETTINGS_KEY = 'preferences';
const SWEEP_KEY = 'lastSweep';

type PreferencePorts = Pick<BackendPorts, 'settings' | 'secrets' | 'random' | 'paths' | 'showFolder'>;

/** What a person has set, in the settings that all hosts share. */
export class Preferences {
  readonly #ports: PreferencePorts;

  constructor(ports: PreferencePorts) {
    this.#ports = ports;
  }

  get current(): AppSettings {
    return readSettings(this.#ports.settings.get(SETTINGS_KEY)).settings;
  }

  get view(): SettingsView {
    const { settings, paths, showFolder } = this.#ports;
    return {
      ...readSettings(settings.get(SETTINGS_KEY)),
      place: shown(paths.data),
      canShowPlace: showFolder !== undefined,
      lastSweep: SettingsView.shape.lastSweep.safeParse(settings.get(SWEEP_KEY)).data ?? null,
    };
  }

  /** Throws `DISK_REFUSED` if the vault does not take a proxy's password; nothing is changed then. */
  async change({ proxy, ...others }: Partial<AppSettings>): Promise<SettingsView> {
    const changed = proxy === undefined ? others : { ...others, proxy: await this.#settleProxy(proxy) };
    this.#ports.settings.update(SETTINGS_KEY, (kept) => ({
      ...z.record(z.string(), z.unknown()).safeParse(kept).data,
      ...changed,
    }));
    return this.view;
  }

  noteSweep(sweep: { at: number; loads: number }): void {
    this.#ports.settings.set(SWEEP_KEY, sweep);
  }

  /** A password goes into the vault under a new name. It stays while the address does. */
  async #settleProxy(wanted: ProxySetting): Promise<ProxySetting> {
    const { secrets, random } = this.#ports;
    const before = this.current.proxy;
    const old = before.kind === 'own' ? before : null;
    if (wanted.kind === 'own') {
      const { address, authorization } = withoutSecret(wanted.address);
      if (authorization === null && address === old?.address) return old;
      const credentials = authorization === null ? null : random.token(12);
      if (credentials !== null && authorization !== null)
        await inVault(() => secrets.set(proxySecret(credentials), authorization));
      await this.#forget(old?.credentials ?? null);
      return { kind: 'own', address, credentials };
    }
    await this.#forget(old?.credentials ?? null);
    return wanted;
  }

  async #forget(credentials: string | null): Promise<void> {
    if (credentials !== null) await inVault(() => this.#ports.secrets.delete(proxySecret(credentials)));
  }
}

async function inVault(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // A keyring's own message could quote what it was given: its kind is said, and no more.
    const reason = systemCode(error) ?? (error instanceof Error ? error.name : 'unknown');
    throw new FailureError({ code: 'DISK_REFUSED', what: 'the proxy password to the keychain', reason });
  }
}

/** A path as it may be shown: without the person's name in it. */
function shown(path: string): string {
  const home = homedir();
  return path === home || path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}
