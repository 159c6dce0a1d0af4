import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What a second start hands to the first one (`requestSingleInstanceLock`), since Chromium changes its argv on the way. */
export const SecondStart = z.object({ files: z.array(z.string().min(1)).max(1000) });
export type SecondStart = z.infer<typeof SecondStart>;

/**
 * The files that a command line names, as absolute paths: what Windows and Linux start an app with that a file is opened
 * with. `own` words come before them: the program, and in development the folder of the app. Switches are Chromium's. A Linux
 * desktop names files as `file:` addresses where the entry of the app says %U, as electron-builder's does (the Desktop Entry
 * Specification, "The Exec key").
 */
export function filesIn(argv: readonly string[], own: number, workingDirectory: string): string[] {
  return argv
    .filter((word) => !word.startsWith('-'))
    .slice(own)
    .filter((word) => word !== '')
    .map((word) => {
      if (isFileUrl(word)) return fileURLToPath(word);
      return isAbsolute(word) ? word : resolve(workingDirectory, word);
    });
}

/** Not those of other computers, which this one can't open: they are told as a file that isn't there. */
function isFileUrl(word: string): boolean {
  return URL.parse(word)?.protocol === 'file:' && URL.parse(word)?.host === '';
}

/**
 * Files that the system asks to be opened: on macOS before the app is ready, and one by one though they were chosen together.
 * They are gathered until there is somebody to take them.
 */
export class OutsideFiles {
  #waiting: string[] = [];
  #take: ((paths: readonly string[]) => void) | null = null;
  #scheduled = false;

  add(paths: readonly string[]): void {
    this.#waiting.push(...paths);
    this.#later();
  }

  /** From now on they go here, those that waited first. */
  goTo(take: (paths: readonly string[]) => void): void {
    this.#take = take;
    this.#later();
  }

  #later(): void {
    if (this.#scheduled || this.#take === null || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const paths = this.#waiting;
      this.#waiting = [];
      this.#take?.(paths);
    });
  }
}
