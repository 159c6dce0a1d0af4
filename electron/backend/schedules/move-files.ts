import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { diskFailure } from '../documents/durable-file.ts';
import { seenAs, type SeenFile } from './watched-files.ts';

/**
 * Moves files that were read into a folder beside them. One that is not as it was read is left: it is another file by now. Two of one name
 * are told apart by when they were moved. One that can't be moved keeps no other from it. Throws `DISK_FULL`, `DISK_REFUSED`, once all were
 * tried.
 */
export async function moveFiles(files: readonly SeenFile[], into: 'done' | 'failed', now: number): Promise<void> {
  const refused: unknown[] = [];
  for (const file of files) await moveFile(file, into, now).catch((error: unknown) => refused.push(error));
  if (refused.length > 0) throw refused[0];
}

async function moveFile({ path, size, modified }: SeenFile, into: 'done' | 'failed', now: number): Promise<void> {
  const is = await seenAs(path);
  if (is?.size !== size || is.modified !== modified) return;
  const folder = join(dirname(path), into);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw diskFailure(error, 'a file that was read');
  });
  await rename(path, await freePlace(folder, basename(path), now)).catch((error: unknown) => {
    throw diskFailure(error, 'a file that was read');
  });
}

/** Nothing is written over: only one process moves the files of a job. */
async function freePlace(folder: string, name: string, now: number): Promise<string> {
  const extension = extname(name);
  const stem = basename(name, extension);
  const moment = new Date(now).toISOString().replace(/[:.]/g, '-');
  for (let copy = 0; ; copy++) {
    const marked = copy === 0 ? name : `${stem} ${moment}${copy === 1 ? '' : ` (${copy})`}${extension}`;
    const place = join(folder, marked);
    if ((await seenAs(place)) === null) return place;
  }
}
