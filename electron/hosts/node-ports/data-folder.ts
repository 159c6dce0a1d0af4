import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import envPaths from 'env-paths';
import { diskFailure } from '../../backend/documents/durable-file.ts';

/**
 * Where every host of a user keeps sources, plans, loads and settings, so that what is begun in one goes on in another: `given` or
 * LONGSHORE_DATA where there is one, else
 *
 * - Windows: `%LOCALAPPDATA%\Longshore\Data` (not roamed: databases of gigabytes would be copied at each sign-in)
 * - macOS: `~/Library/Application Support/Longshore`
 * - Linux: `$XDG_DATA_HOME/Longshore`, else `~/.local/share/Longshore` (XDG Base Directory Specification)
 */
export function dataFolder(given?: string): string {
  const chosen = given || process.env['LONGSHORE_DATA'];
  return chosen ? resolve(chosen) : envPaths('Longshore', { suffix: '' }).data;
}

/** Makes the data folder, for this user only. Nothing works without one: throws `DISK_FULL` and `DISK_REFUSED`. */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw diskFailure(error, 'its data folder');
  }
}
