import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export function electronFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
}

/** Where Electron's own binary is, or null where it was never downloaded. */
export function electronBinary(): string | null {
  const pathFile = join(electronFolder(), 'path.txt');
  const binary = existsSync(pathFile) ? join(electronFolder(), 'dist', readFileSync(pathFile, 'utf8')) : '';
  return binary !== '' && existsSync(binary) ? binary : null;
}
