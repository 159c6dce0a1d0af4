import { fileURLToPath } from 'node:url';

/**
 * A script that another process runs: the source by its address from the module that asks, `here`, or, where all of a host was built into
 * one file, what was built of it, beside that.
 */
export function beside(here: string, source: string, built: string): string {
  return fileURLToPath(new URL(here.endsWith('.ts') ? source : built, here));
}
