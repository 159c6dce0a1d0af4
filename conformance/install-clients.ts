import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';

const CLIENTS = { '@salesforce/cli': '2.150.6', sfdmu: '3.7.19', jsforce: '3.10.26' };

/** The folder with the real clients in its `node_modules`: a cache of their own, filled the first time. */
export function installClients(): string {
  const folder = join(envPaths('Longshore', { suffix: '' }).cache, 'conformance');
  mkdirSync(folder, { recursive: true });
  const wanted = JSON.stringify({ name: 'longshore-conformance', private: true, dependencies: CLIENTS });
  const manifest = join(folder, 'package.json');
  const done = join(folder, 'installed.json');
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return folder;
  process.stdout.write('Installing the clients (once)…\n');
  writeFileSync(manifest, wanted);
  const npm = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (npm.status !== 0) throw new Error('the clients could not be installed');
  writeFileSync(done, wanted);
  return folder;
}

/** What keeps the official CLI to itself: its own home, no telemetry, no look for updates, no keychain of the system. */
export function quietCli(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    SF_DISABLE_TELEMETRY: 'true',
    SF_AUTOUPDATE_DISABLE: 'true',
    SF_SKIP_NEW_VERSION_CHECK: 'true',
    SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
    NO_COLOR: '1',
  };
}
