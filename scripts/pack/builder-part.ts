import { createRequire } from 'node:module';

/** Libraries that electron-builder brings along, its own copies of them, whether npm put them at the top or beside it. */
const fromBuilder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
const fromLibrary = createRequire(fromBuilder.resolve('app-builder-lib/package.json'));

export function builderPart(name: string): unknown {
  return fromLibrary(name);
}
