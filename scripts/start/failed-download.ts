import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const Failed = z.object({ version: z.string() });

/** That a version of Electron could not be fetched, so that not every start waits for it again. */
export class FailedDownload {
  readonly #file: string;
  readonly #version: string;

  constructor(file: string, version: string) {
    this.#file = file;
    this.#version = version;
  }

  async known(): Promise<boolean> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    try {
      return Failed.parse(JSON.parse(text)).version === this.#version;
    } catch {
      // Not there, or half written: the download is tried.
      return false;
    }
  }

  async remember(): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFile(this.#file, JSON.stringify({ version: this.#version }));
  }

  async forget(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
