import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function run(command: string, args: string[], seconds: number): boolean {
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: seconds * 1000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

/**
 * A Chromium for the browser tests: an installed one, Playwright's own, or Debian's through apt as root.
 * Null means Playwright's own.
 */
export function findChromium(): string | null {
  const named = process.env['LONGSHORE_CHROMIUM'];
  const installed = [...(named ? [named] : []), ...INSTALLED].find((path) => existsSync(path));
  if (installed) return installed;
  if (existsSync(chromium.executablePath())) return null;
  say('No Chromium found: asking Playwright for one…');
  if (run('npx', ['playwright', 'install', 'chromium'], 180) && existsSync(chromium.executablePath())) return null;
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    say('Playwright could not download one: installing Debian’s chromium…');
    if (
      run('apt-get', ['update'], 300) &&
      run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], 900) &&
      existsSync('/usr/bin/chromium')
    )
      return '/usr/bin/chromium';
  }
  throw new Error(
    'The browser tests need Chromium. Install it (apt-get install chromium) or name one in LONGSHORE_CHROMIUM.',
  );
}
