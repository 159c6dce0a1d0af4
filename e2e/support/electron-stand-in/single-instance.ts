import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

interface Second {
  readonly argv: string[];
  readonly cwd: string;
  readonly data: unknown;
}

/**
 * The lock of `app.requestSingleInstanceLock`, kept as Chromium keeps it on Linux (chrome/browser/process_singleton_posix.cc): a
 * link in the user's data folder whose target names the process. A second instance leaves its words there for the first.
 */
export class SingleInstance {
  readonly #folder: string;
  readonly #link: string;
  readonly #notes: string;
  #isFirst = false;

  constructor(folder: string) {
    this.#folder = folder;
    this.#link = join(folder, 'SingletonLock');
    this.#notes = join(folder, 'SingletonNotes');
  }

  lock(second: Second): boolean {
    mkdirSync(this.#folder, { recursive: true });
    for (;;) {
      try {
        symlinkSync(String(process.pid), this.#link);
        this.#isFirst = true;
        process.on('exit', () => rmSync(this.#link, { force: true }));
        return true;
      } catch {
        if (this.#isHeld()) break;
        rmSync(this.#link, { force: true });
      }
    }
    mkdirSync(this.#notes, { recursive: true });
    const note = join(this.#notes, `${process.pid}.json`);
    writeFileSync(`${note}.part`, JSON.stringify(second));
    renameSync(`${note}.part`, note);
    return false;
  }

  #isHeld(): boolean {
    try {
      return process.kill(Number(readlinkSync(this.#link)), 0);
    } catch {
      return false;
    }
  }

  /** Only the first hears of the others. */
  listen(tell: (second: Second) => void): void {
    if (!this.#isFirst) return;
    mkdirSync(this.#notes, { recursive: true });
    const look = (): void => {
      for (const name of readdirSync(this.#notes).filter((one) => one.endsWith('.json'))) {
        const note = join(this.#notes, name);
        const second = JSON.parse(readFileSync(note, 'utf8')) as Second;
        rmSync(note);
        tell(second);
      }
    };
    watch(this.#notes, look).unref();
    look();
  }
}
