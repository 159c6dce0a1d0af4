import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Stands for `@napi-rs/keyring` where there is no keychain: a file an entry, in a folder that processes share. An entry beside
 * which lies a file `….locked` is refused, as a locked or denied one is; while there is a file `silent` its owner has not answered yet.
 */
const folder = process.env['LONGSHORE_STAND_IN_KEYCHAIN'] ?? '/nonexistent';

export class AsyncEntry {
  readonly #path: string;

  constructor(service: string, name: string) {
    this.#path = join(folder, `${service}-${name}`);
  }

  async #open(): Promise<void> {
    while (existsSync(join(folder, 'silent'))) await sleep(20);
    if (existsSync(`${this.#path}.locked`) || existsSync(join(folder, 'locked')))
      throw Object.assign(new Error('access denied'), { code: 'GenericFailure' });
  }

  async getPassword(): Promise<string | null> {
    await this.#open();
    return readFile(this.#path, 'utf8').catch(() => null);
  }

  async setPassword(value: string): Promise<void> {
    await this.#open();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const part = `${this.#path}.${randomUUID()}`;
    await writeFile(part, value, { mode: 0o600 });
    await rename(part, this.#path);
  }

  async deletePassword(): Promise<boolean> {
    await this.#open();
    const there = existsSync(this.#path);
    await rm(this.#path, { force: true });
    return there;
  }
}
