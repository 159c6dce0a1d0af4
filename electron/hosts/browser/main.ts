#!/usr/bin/env node
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import open from 'open';
import { createBackend } from '../../backend/create-backend.ts';
import { PracticeOrgProcess, spawnStaging } from '../node-ports/child-processes.ts';
import { openVault } from '../node-ports/keyring-vault.ts';
import { settingsFile } from '../node-ports/settings-file.ts';
import { clock, dataFolder, environmentSession, fileLog, random } from '../node-ports/system.ts';
import { version } from '../node-ports/version.ts';
import { Downloads, serve } from './serve.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    data: { type: 'string' },
    'no-open': { type: 'boolean', default: false },
    'practice-rows-per-second': { type: 'string' },
    'practice-records': { type: 'string' },
  },
});

const say = (line: string) => process.stdout.write(`${line}\n`);
/** Linux without a display has no default browser to ask; whoever reads the terminal opens the address elsewhere. */
const hasBrowser =
  !values['no-open'] &&
  (process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']));
const openPage = async (url: string): Promise<void> => {
  // Always said: that a browser was asked does not mean that one came.
  say(`Open this address: ${url}`);
  if (hasBrowser) await open(url).catch(() => undefined);
};

const data = values.data ?? dataFolder();
await mkdir(data, { recursive: true, mode: 0o700 });
const { vault, kind } = await openVault();
const downloads = new Downloads();
const pace = values['practice-rows-per-second'];
const practiceOrg = new PracticeOrgProcess([
  '--data',
  join(data, 'practice-org'),
  ...(pace === undefined ? [] : ['--rows-per-second', pace, '--queue-delay', pace === '0' ? '0' : '400']),
  ...(values['practice-records'] === undefined ? [] : ['--records', values['practice-records']]),
]);
const backend = createBackend({
  info: { version, host: 'browser', secretStore: kind },
  paths: { data },
  clock,
  random,
  log: fileLog(data),
  fileChooser: { choose: () => Promise.resolve([]) },
  fileSaver: { save: (path, name) => Promise.resolve(downloads.offer(path, name)) },
  secrets: vault,
  settings: settingsFile(data),
  openExternal: openPage,
  spawnStaging,
  practiceOrg,
  environmentSession: environmentSession(undefined),
});
const host = await serve({
  backend,
  downloads,
  port: Number(values.port),
  renderer: fileURLToPath(new URL('../../../dist/renderer/', import.meta.url)),
  uploads: join(data, 'uploads'),
});

say(`Longshore ${version} in the browser`);
if (kind === 'memory') say('No keyring here: you sign in again after a restart.');
await openPage(host.newLink());

const stop = async () => {
  await host.close();
  await backend.close();
  practiceOrg.stop();
  process.exit(0);
};
process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());
if (process.stdin.isTTY) {
  say('Press Enter for another window, Ctrl+C to stop.');
  createInterface({ input: process.stdin }).on('line', () => void openPage(host.newLink()));
}
