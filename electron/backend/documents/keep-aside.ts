import { rename, stat } from 'node:fs/promises';
import { basename } from 'node:path';

/** Gives a file that can't be read as what it should be another name, and says which: the first that is free. */
export async function keepAside(path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const aside = `${path}.damaged-${n}`;
    if ((await stat(aside).catch(() => null)) !== null) continue;
    await rename(path, aside);
    return basename(aside);
  }
}
