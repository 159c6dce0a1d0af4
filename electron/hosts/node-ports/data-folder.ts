import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import envPaths from 'env-paths';
import { diskFailure } from '../../backend/documents/durable-file.ts';

export function dataFolder(): string {
  return process.env['LONGSHORE_DATA'] ?? envPaths('Longshore', { suffix: '' }).data;
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
