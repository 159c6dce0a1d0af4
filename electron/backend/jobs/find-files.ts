import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { JobSource } from '../../../shared/domain/job.ts';
import { systemCode } from '../documents/durable-file.ts';

/** What other programs call a file while they are still writing it, and what systems hide. */
const UNFINISHED = /^[.~]|\.(?:part|partial|tmp|temp|crdownload|download|filepart)$/i;

/** Whether a path is of a file that is not there yet for anybody but who writes it. */
export function isUnfinished(path: string): boolean {
  return UNFINISHED.test(basename(path));
}

/** Where a job's files are now. Throws `JOB_NO_FILE`, and `FILE_UNREADABLE` for a folder that can't be looked into. */
export async function findFiles(source: JobSource): Promise<string[]> {
  if (source.kind === 'file') return [source.path];
  if (source.kind === 'files') return source.paths;
  const { folder, pattern, take } = source;
  const found: { path: string; at: number }[] = [];
  for (const name of await namesIn(folder)) {
    if (isUnfinished(name) || !matchesPattern(name, pattern)) continue;
    const path = join(folder, name);
    const facts = await stat(path).catch(() => null);
    if (facts?.isFile()) found.push({ path, at: facts.mtimeMs });
  }
  // By name, so that rows are numbered alike in each run; of two that were written at one time the later name.
  found.sort((one, other) => (one.path < other.path ? -1 : 1));
  const newest = found.reduce<(typeof found)[number] | null>(
    (last, one) => (last && last.at > one.at ? last : one),
    null,
  );
  if (newest === null) throw new FailureError({ code: 'JOB_NO_FILE', folder: basename(folder), pattern });
  return take === 'newest' ? [newest.path] : found.map(({ path }) => path);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const reason = systemCode(error) ?? 'unknown';
    throw new FailureError({ code: 'FILE_UNREADABLE', fileName: basename(folder), reason });
  }
}

/**
 * Whether a name matches a pattern as a whole: `*` is any text, `?` one character, everything else itself, in whatever case. Takes time
 * in proportion to both lengths at most: a star is gone back to only once another has been passed.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  const [text, wanted] = [name.toLowerCase(), pattern.toLowerCase()];
  let [at, place] = [0, 0];
  let star: { readonly place: number; at: number } | null = null;
  while (at < text.length) {
    const want = wanted[place];
    if (want === '*') {
      star = { place, at };
      place += 1;
    } else if (want !== undefined && (want === '?' || want === text[at])) {
      at += 1;
      place += 1;
    } else if (star) {
      star.at += 1;
      at = star.at;
      place = star.place + 1;
    } else return false;
  }
  while (wanted[place] === '*') place += 1;
  return place === wanted.length;
}

/** A source by the names of its files and folder, without the places where they lie: the window gets no paths. */
export function namesOf(source: JobSource): JobSource {
  switch (source.kind) {
    case 'file':
      return { ...source, path: basename(source.path) };
    case 'files':
      return { ...source, paths: source.paths.map((path) => basename(path)) };
    case 'folder':
      return { ...source, folder: basename(source.folder) };
  }
}

/** A source whose paths are whole: those that are not are below a folder. */
export function sourceBelow(source: JobSource, folder: string): JobSource {
  switch (source.kind) {
    case 'file':
      return { ...source, path: resolve(folder, source.path) };
    case 'files':
      return { ...source, paths: source.paths.map((path) => resolve(folder, path)) };
    case 'folder':
      return { ...source, folder: resolve(folder, source.folder) };
  }
}
