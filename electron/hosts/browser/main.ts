#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
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
import { enterFolder } from '../node-ports/one-per-folder.ts';
import { officialCli } from '../node-ports/official-cli.ts';
import { openSettings } from '../node-ports/settings-file.ts';
import { clock, environmentSession, noSystemProxy, random } from '../node-ports/system.ts';
import { incident, watchUnexpected } from '../node-ports/unexpected.ts';
import { version } from '../node-ports/version.ts';
import { doesNotAnswer, isTaken, portTaken, practiceArguments, readArguments, USAGE } from './arguments.ts';
import { Downloads } from './downloads.ts';
import { hasBrowser, RedirectFiles } from './open-page.ts';
import { serve } from './serve.ts';

/** A browser that was asked for a page has come by then, in milliseconds. */
const PAGE_WITHIN = 20_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const endWith: (code: number, text: string) => never = (code, text) => {
  process.stderr.write(`${text}\n`);
  process.exit(code);
};
const end: (failure: Failure) => never = (failure) => {
  const { title, saved, next } = failureText(failure);
  return endWith(1, `${title}\n${saved} ${next}`);
};
const given = readArguments(process.argv.slice(2));
if ('wrong' in given) endWith(2, `${given.wrong}\n\n${USAGE}`);
if (given.help) {
  say(USAGE);
  process.exit(0);
}

const data = dataFolder(given.data);
const notices = new HostNotices((notice) => void process.stderr.write(`${hostNoticeText(notice)}\n`));
const made = await makeDataFolder(data).catch((error: unknown) => error);
const log = openLog(data, notices);
watchUnexpected(log, random, end);
const failed = (what: string) => (error: unknown) =>
  end(error instanceof FailureError ? error.failure : incident(log, random, what, error));
if (made !== undefined) failed('the data folder was not made')(made);

const redirects = new RedirectFiles(data);
const used = new Set<string>();
const openPage = async (url: string): Promise<void> => {
  // Always said: that a browser was asked does not mean that one came.
  say(`Open this address: ${url}`);
  if (!given.open || !hasBrowser()) return;
  await redirects.open(url).catch(failed('the page was not opened'));
  // A browser that is confined to folders of its own (snap, flatpak, Windows' Linux) can't read the file that leads there.
  setTimeout(
    () => void (used.has(url) || say('If no page opens, open the address above yourself.')),
    PAGE_WITHIN,
  ).unref();
};
const handoverSecret = randomBytes(32).toString('base64url');
const folder = await enterFolder(data, handoverSecret).catch(failed('the data folder was not claimed'));
if ('holder' in folder) endWith(1, doesNotAnswer(folder.holder));
if ('link' in folder) {
  say('Longshore is already running on this data folder. This is another window of it.');
  await openPage(folder.link);
  process.exit(0);
}
await redirects.sweep();

const settings = await openSettings(data, { log, notices });
const secrets = await openVault(notices);
const downloads = new Downloads();
const practiceOrg = new PracticeOrgProcess(practiceArguments(given, join(data, 'practice-org')));
const backend = createBackend({
  info: () => ({ version, host: 'browser', secretStore: secrets.store() }),
  notices: () => notices.all(),
  paths: { data },
  clock,
  random,
  log,
  fileChooser: { choose: () => Promise.resolve([]) },
  fileSaver: { save: (path, name) => Promise.resolve(downloads.offer(path, name)) },
  secrets: secrets.vault,
  settings,
  // Where to sign in: it holds no secret, and the answer to it is taken by this process only.
  openExternal: async (url) => {
    say(`Open this address: ${url}`);
    if (given.open && hasBrowser()) await open(url).catch(() => undefined);
  },
  systemProxy: noSystemProxy,
  spawnStaging,
  practiceOrg,
  environmentSession: environmentSession(undefined),
  officialCli: officialCli(),
});
const host = await serve({
  backend,
  downloads,
  port: given.port,
  renderer: fileURLToPath(new URL('../../../dist/renderer/', import.meta.url)),
  uploads: join(data, 'uploads'),
  handoverSecret,
  links: {
    made: (url) => redirects.expect(url),
    used: (url) => {
      used.add(url);
      void redirects.remove(url);
    },
  },
  unexpected: (error) => incident(log, random, 'a request failed', error),
}).catch(async (error: unknown) => {
  await folder.own.release();
  return isTaken(error) ? endWith(1, portTaken(given.port)) : failed('the port was not opened')(error);
});
await folder.own.announce(host.url).catch(failed('the data folder was not claimed'));
backend.startSchedules();

say(`Longshore ${version} in the browser`);
if (secrets.store() === 'memory') say('No keychain is responding here, so you need to sign in again after a restart.');
await openPage(host.newLink());

const stop = async () => {
  await host.close();
  await backend.close();
  await settings.flush();
  await practiceOrg.stop();
  await redirects.sweep();
  await folder.own.release();
  process.exit(0);
};
process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());
if (process.stdin.isTTY) {
  say('Press Enter to open another window, Ctrl+C to stop.');
  createInterface({ input: process.stdin }).on('line', () => void openPage(host.newLink()));
}
