import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const Document = z.record(z.string(), z.unknown());

/** A keyring or settings that several processes share, by name. */
export class DocumentFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  #read(): Record<string, unknown> {
    try {
      return Document.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
      throw error;
    }
  }

  get(key: string): unknown {
    return this.#read()[key];
  }

  set(key: string, value: unknown): void {
    const part = `${this.#path}.${process.pid}.part`;
    writeFileSync(part, JSON.stringify({ ...this.#read(), [key]: value }), { mode: 0o600 });
    renameSync(part, this.#path);
  }
}
