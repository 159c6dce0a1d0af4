import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { electronBinary, electronFolder } from './electron-binary.ts';
import { FailedDownload } from './start/failed-download.ts';
import { openDesktop } from './start/open-desktop.ts';
import { openLongshore } from './start/open-longshore.ts';

/** `npm start`: builds, then opens the desktop app, or the browser host where that can’t be. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** A download that takes longer than this is taken for one that will not come. */
const DOWNLOAD_SECONDS = 180;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function whyNoDesktop(): string | null {
  if (process.platform !== 'linux') return null;
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return 'there is no display';
  if (process.getuid?.() === 0) return 'Electron does not run as root';
  return null;
}

function electronVersion(): string {
  const text = readFileSync(join(electronFolder(), 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** Fetches Electron's binary, with its own progress on the terminal and a limit on the time. */
async function fetchElectron(): Promise<boolean> {
  say(`Fetching the Electron app’s binary, once (about 100 MB, at most ${DOWNLOAD_SECONDS / 60} minutes)…`);
  const child = spawn(process.execPath, [join(electronFolder(), 'install.js')], { stdio: 'inherit' });
  const started = Date.now();
  const ticking = setInterval(() => say(`  still fetching, ${Math.round((Date.now() - started) / 1000)} s`), 10_000);
  const limit = setTimeout(() => child.kill(), DOWNLOAD_SECONDS * 1000);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(ticking);
  clearTimeout(limit);
  return code === 0;
}

function openBrowserHost(args: readonly string[]): Promise<number> {
  // The backend streams: a small young generation, swept often, and a heap that grows by little keep it small too. Its buffers come from few of glibc's arenas, so
  // that what was let go of is used again.
  const host = join(ROOT, 'electron/hosts/browser/main.ts');
  const env = { ...process.env, MALLOC_ARENA_MAX: '2' };
  const flags = ['--max-semi-space-size=4', '--optimize-for-size'];
  const child = spawn(process.execPath, [...flags, host, ...args], { stdio: 'inherit', cwd: ROOT, env });
  // The terminal tells both; the host ends first.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 0)));
}

const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.ts')], { stdio: 'inherit', cwd: ROOT });
if (status !== 0) process.exit(status ?? 1);
process.exitCode = await openLongshore({
  args: process.argv.slice(2),
  say,
  whyNoDesktop,
  binary: electronBinary,
  fetchElectron,
  failedDownload: new FailedDownload(join(ROOT, '.cache/electron-download-failed.json'), electronVersion()),
  openDesktop: (binary, args) => openDesktop(binary, [ROOT, ...args], ROOT),
  openBrowserHost,
});
