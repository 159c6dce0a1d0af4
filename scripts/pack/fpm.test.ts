import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FPM = fileURLToPath(new URL('fpm.ts', import.meta.url));
const hasDpkg = spawnSync('dpkg-deb', ['--version']).status === 0;

/** As electron-builder 26 calls fpm (app-builder-lib, `FpmTarget.js`). */
test.skipIf(!hasDpkg)('a deb is made of electron-builder’s arguments for fpm', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-fpm-'));
  try {
    await mkdir(join(folder, 'app/resources'), { recursive: true });
    await writeFile(join(folder, 'app/longshore'), 'program', { mode: 0o755 });
    await writeFile(join(folder, 'app/resources/app.asar'), 'x'.repeat(3000));
    await writeFile(join(folder, 'icon.png'), 'icon');
    await writeFile(join(folder, 'after'), '#!/bin/sh\n');
    const deb = join(folder, 'longshore.deb');
    const words =
      '-s dir --force -t deb -d libgtk-3-0 -d libnss3 --deb-recommends libappindicator3-1 --deb-compression gz --architecture amd64 --version 1.2.3 --name longshore --vendor x --license MIT --deb-priority optional';
    const args = [
      ...words.split(' '),
      ...['--maintainer', 'Longshore <founders@longshore.example>', '--url', 'https://longshore.example'],
      ...['--description', 'Data loader\n Shows what will change.\n', '--package', deb],
      ...['--after-install', join(folder, 'after'), '--after-remove', join(folder, 'after')],
      `${join(folder, 'app')}/=/opt/Longshore`,
      `${join(folder, 'icon.png')}=/usr/share/icons/hicolor/16x16/apps/longshore.png`,
    ];
    const made = spawnSync(process.execPath, [FPM, ...args], { encoding: 'utf8' });
    expect(made.stderr).toBe('');
    const control = spawnSync('dpkg-deb', ['--field', deb], { encoding: 'utf8' }).stdout;
    expect(control).toContain('Depends: libgtk-3-0, libnss3\nRecommends: libappindicator3-1\n');
    expect(control).toContain('Description: Data loader\n Shows what will change.\n');
    const listed = spawnSync('dpkg-deb', ['--contents', deb], { encoding: 'utf8' }).stdout;
    const contents = listed
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/));
    expect(contents.map(([mode, owner, , , , path]) => `${mode} ${owner} ${path}`)).toEqual(
      expect.arrayContaining([
        'drwxr-xr-x root/root ./',
        '-rwxr-xr-x root/root ./opt/Longshore/longshore',
        '-rw-r--r-- root/root ./opt/Longshore/resources/app.asar',
        '-rw-r--r-- root/root ./usr/share/icons/hicolor/16x16/apps/longshore.png',
      ]),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what it can’t make is refused', () => {
  const { status, stderr } = spawnSync(process.execPath, [FPM, '-t', 'rpm'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining('This makes a deb only, not rpm.')]);
});
