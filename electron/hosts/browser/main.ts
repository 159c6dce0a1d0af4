#!/usr/bin/env node
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import open from 'open';
import { createBackend } from '../../backend/create-backend.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { hostNoticeText } from '../../../shared/text/host-notice-text.ts';
import { PracticeOrgProcess, spawnStaging } from '../node-ports/child-processes.ts';
import { dataFolder, makeDataFolder } from '../node-ports/data-folder.ts';
import { HostNotices } from '../node-ports/host-notices.ts';
import { openVault } from '../node-ports/keyring-vault.ts';
import { openLog } from '../node-ports/log-file.ts';
import { openSettings } from '../node-ports/settings-file.ts';
import { clock, environmentSession, noSystemProxy, random } from '../node-ports/system.ts';
import { incident, watchUnexpected } from '../node-ports/unexpected.ts';
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
const end = (failure: Failure): never => {
  const { title, saved, next } = failureText(failure);
  process.stderr.write(`${title}\n${saved} ${next}\n`);
  process.exit(1);
};
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
const notices = new HostNotices((notice) => void process.stderr.write(`${hostNoticeText(notice)}\n`));
const made = await makeDataFolder(data).catch((error: unknown) => error);
const log = openLog(data, notices);
watchUnexpected(log, random, end);
if (made !== undefined)
  end(made instanceof FailureError ? made.failure : incident(log, random, 'the data folder was not made', made));
const settings = await openSettings(data, { log, notices });
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
  notices: () => notices.all(),
  paths: { data },
  clock,
  random,
  log,
  fileChooser: { choose: () => Promise.resolve([]) },
  fileSaver: { save: (path, name) => Promise.resolve(downloads.offer(path, name)) },
  secrets: vault,
  settings,
  openExternal: openPage,
  systemProxy: noSystemProxy,
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
  unexpected: (error) => incident(log, random, 'a request failed', error),
});

say(`Longshore ${version} in the browser`);
if (kind === 'memory') say('No keyring here: you sign in again after a restart.');
await openPage(host.newLink());

const stop = async () => {
  await host.close();
  await backend.close();
  await settings.flush();
  practiceOrg.stop();
  process.exit(0);
};
process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());
if (process.stdin.isTTY) {
  say('Press Enter for another window, Ctrl+C to stop.');
  createInterface({ input: process.stdin }).on('line', () => void openPage(host.newLink()));
}
