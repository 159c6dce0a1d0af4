import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SavedFile } from '../../shared/contract/procedures.ts';
import { diskFailure } from './documents/durable-file.ts';
import type { BackendPorts } from './ports.ts';

/** A folder of its own for one file that a person asked for. Throws `DISK_FULL` and `DISK_REFUSED`. */
export async function newExportFolder({ paths, random }: Pick<BackendPorts, 'paths' | 'random'>): Promise<string> {
  const folder = join(paths.data, 'exports', random.token(16));
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw diskFailure(error, 'a file to be saved');
  }
  return folder;
}

/** Lets a person save a file. Where it was copied to its place, nothing of it stays behind; a download is still to be fetched. */
export async function offer(
  { fileSaver }: Pick<BackendPorts, 'fileSaver'>,
  folder: string,
  path: string,
  name: string,
): Promise<SavedFile> {
  const file = await fileSaver.save(path, name);
  if (file.kind !== 'download') await rm(folder, { recursive: true, force: true });
  return file;
}
