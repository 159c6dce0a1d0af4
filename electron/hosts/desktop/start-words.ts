import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What a second start hands to the first one (`requestSingleInstanceLock`), since Chromium changes its argv on the way. */
export const StartWords = z.object({
  files: z.array(z.string().min(1)).max(1000),
  /** The data folder that was asked for, whole; absent for the person's own. */
  data: z.string().min(1).optional(),
});
export type StartWords = z.infer<typeof StartWords>;

/** Electron's own words on a command line, and where the others were said. */
interface Said {
  /** So many words come before those of the app: the program, and in development the folder of the app. */
  readonly own: number;
  readonly workingDirectory: string;
}

/**
 * What the app is started with: files, as Windows and Linux name those that are opened with it, and `--data <folder>`, as the other
 * hosts have it; or a sentence that says what is wrong. Other switches are Chromium's.
 */
export function readStartWords(argv: readonly string[], said: Said): StartWords | { readonly wrong: string } {
  const rest: string[] = [];
  let data: string | undefined;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word !== '--data' && !word.startsWith('--data=')) {
      rest.push(word);
      continue;
    }
    const folder = word === '--data' ? (argv[++at] ?? '') : word.slice('--data='.length);
    if (folder.trim() === '' || (word === '--data' && folder.startsWith('-')))
      return { wrong: '--data needs a folder.' };
    data = resolve(said.workingDirectory, folder);
  }
  const files = filesIn(rest, said);
  return data === undefined ? { files } : { files, data };
}

/**
 * The files that a command line names, as absolute paths. A Linux desktop names them as `file:` addresses where the entry of the
 * app says %U, as electron-builder's does (the Desktop Entry Specification, "The Exec key").
 */
function filesIn(words: readonly string[], { own, workingDirectory }: Said): string[] {
  return words
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
