import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { electronBinary, electronFolder } from './electron-binary.ts';

/**
 * Opens Longshore: the desktop app where its binary is or can be had, else the browser host, and says which and why.
 */
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

function run(command: string, args: string[]): void {
  const child = spawn(command, args, { stdio: 'inherit', cwd: ROOT });
  process.on('SIGINT', () => undefined);
  child.once('exit', (code) => process.exit(code ?? 0));
}

const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.ts')], { stdio: 'inherit', cwd: ROOT });
if (status !== 0) process.exit(status ?? 1);

let why = whyNoDesktop();
if (why === null && electronBinary() === null && !(await fetchElectron())) why = 'its binary could not be fetched';
const binary = why === null ? electronBinary() : null;
if (binary !== null) {
  say('Opening the desktop app.');
  run(binary, [ROOT, ...process.argv.slice(2)]);
} else {
  say(`Opening in the browser, because the desktop app can’t be used here: ${why ?? 'its binary is missing'}.`);
  // The backend streams: a small young generation, swept often, keeps it small too.
  run(process.execPath, [
    '--max-semi-space-size=4',
    join(ROOT, 'electron/hosts/browser/main.ts'),
    ...process.argv.slice(2),
  ]);
}
