import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppSettings } from '../../../shared/domain/settings.ts';

/**
 * Has new mappings of a data folder that is new send rows by Bulk API jobs, however few they are: tests that know nothing of the way rows go
 * are of jobs.
 */
export async function sendByJobs(data: string): Promise<void> {
  const preferences: Partial<AppSettings> = { way: 'bulk' };
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFile(join(data, 'settings.json'), JSON.stringify({ preferences }), { mode: 0o600 });
}
