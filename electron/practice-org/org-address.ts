import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Where the org of a folder listens, and as which process; or did last, for null. */
const OrgAddress = z.object({ pid: z.number().int().positive().nullable(), url: z.url(), adminUrl: z.url() });
export type OrgAddress = z.infer<typeof OrgAddress>;

/** For this user only, as all that lies beside it. Whole or not at all: others read it at any moment. */
export function writeAddress(folder: string, address: OrgAddress): void {
  const path = join(folder, 'address.json');
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, JSON.stringify(address), { mode: 0o600 });
  renameSync(part, path);
}

/** Null where there is none that can be read: an org that never ran there. */
export function readAddress(folder: string): OrgAddress | null {
  try {
    return OrgAddress.safeParse(JSON.parse(readFileSync(join(folder, 'address.json'), 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}

export function portOf(url: string): number {
  return Number(new URL(url).port);
}
