import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import './register.ts';

/**
 * Starts an app as Electron does (lib/browser/init.ts): `node launch.ts FOLDER [words…]` imports what the folder's package.json
 * names as main, and the app is ready only when that import has settled. A main that fails to load is an uncaught exception.
 */
const { app } = await import('./app.ts');
const [node = '', , given = '.', ...words] = process.argv;
const folder = resolve(given);
// "process", `argv`: a packed app has no folder among its words.
process.argv = app.isPackaged ? [node, ...words] : [node, folder, ...words];
// "process", `defaultApp`: the folder was given to Electron's own executable.
if (!app.isPackaged) Object.defineProperty(process, 'defaultApp', { value: true });
Object.defineProperty(process, 'type', { value: 'browser' });
// "process", `resourcesPath`: where a packed app's archive lies.
Object.defineProperty(process, 'resourcesPath', { value: dirname(folder) });
app.setFolder(folder);
const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { main: string };
try {
  await import(pathToFileURL(join(folder, main)).href);
  app.appCodeLoaded();
} catch (error) {
  app.appCodeLoaded();
  process.emit('uncaughtException', error as Error);
}
