#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * What electron-builder asks of fpm for a `.deb`, done with Debian’s own dpkg-deb: `CUSTOM_FPM_PATH` names it where fpm can’t be
 * downloaded or installed (docs/releasing.md). Fields by https://www.debian.org/doc/debian-policy/ch-controlfields.html.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    s: { type: 'string', short: 's' },
    t: { type: 'string', short: 't' },
    d: { type: 'string', short: 'd', multiple: true, default: [] },
    force: { type: 'boolean' },
    'deb-recommends': { type: 'string', multiple: true, default: [] },
    'deb-compression': { type: 'string', default: 'xz' },
    'deb-priority': { type: 'string', default: 'optional' },
    architecture: { type: 'string' },
    'after-install': { type: 'string' },
    'after-remove': { type: 'string' },
    description: { type: 'string' },
    version: { type: 'string' },
    package: { type: 'string' },
    name: { type: 'string' },
    maintainer: { type: 'string' },
    vendor: { type: 'string' },
    url: { type: 'string' },
    license: { type: 'string' },
    category: { type: 'string', default: 'default' },
  },
});

function needed(name: keyof typeof values): string {
  const value = values[name];
  if (typeof value !== 'string' || value === '') throw new Error(`--${name} is missing`);
  return value;
}

/** A line of its own continues a field with a space before it; an empty one is a dot. */
function description(text: string): string {
  const [synopsis = '', ...more] = text.split('\n').map((line) => line.trim());
  return [synopsis, ...more.map((line) => ` ${line === '' ? '.' : line}`)].join('\n');
}

async function kilobytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return Math.ceil(bytes / 1024);
}

/** `from=/to`: a file; `from/=/to`: what is in a folder. */
async function lay(folder: string, pair: string): Promise<void> {
  const [from = '', to = ''] = pair.split('=');
  const at = join(folder, to);
  await mkdir(dirname(at), { recursive: true });
  await cp(from, at, { recursive: true, verbatimSymlinks: true });
}

if (values.t !== 'deb') throw new Error(`This makes a deb only, not ${String(values.t)}.`);
const folder = await mkdtemp(join(tmpdir(), 'longshore-deb-'));
try {
  // The package's root is the computer's: not only root may look into it.
  await chmod(folder, 0o755);
  for (const pair of positionals) await lay(folder, pair);
  const fields: [string, string][] = [
    ['Package', needed('name')],
    ['Version', needed('version')],
    ['Section', values.category],
    ['Priority', values['deb-priority']],
    ['Architecture', needed('architecture')],
    ['Installed-Size', String(await kilobytes(folder))],
    ['Depends', values.d.join(', ')],
    ['Recommends', values['deb-recommends'].join(', ')],
    ['Maintainer', needed('maintainer')],
    ['Homepage', needed('url')],
    ['Description', description(needed('description'))],
  ];
  const control = join(folder, 'DEBIAN');
  await mkdir(control, { mode: 0o755 });
  const text = fields.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}\n`);
  await writeFile(join(control, 'control'), text.join(''));
  for (const [name, file] of [
    ['postinst', values['after-install']],
    ['postrm', values['after-remove']],
  ] as const)
    if (file !== undefined) await writeFile(join(control, name), await readFile(file), { mode: 0o755 });
  const args = [
    '--root-owner-group',
    `-Z${values['deb-compression'].replace(/^gz$/, 'gzip')}`,
    '--build',
    folder,
    needed('package'),
  ];
  process.exitCode = spawnSync('dpkg-deb', args, { stdio: 'inherit' }).status ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
