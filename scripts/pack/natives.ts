import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { npm } from '../npm.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Target {
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly arch: 'x64' | 'arm64';
}

/** The packages that find the native part of the machine they run on. All other packages are bundled. */
export const LOADERS = ['@duckdb/node-bindings', '@napi-rs/keyring'];
const KEYRING_LIBC = { linux: '-gnu', darwin: '', win32: '-msvc' } as const;

export function nativePackages({ platform, arch }: Target): string[] {
  return [`@duckdb/node-bindings-${platform}-${arch}`, `@napi-rs/keyring-${platform}-${arch}${KEYRING_LIBC[platform]}`];
}

/** Everything of `node_modules` that the packed app of a target carries. */
export function packedPackages(target: Target): string[] {
  return [...LOADERS, 'detect-libc', ...nativePackages(target)];
}

/** What electron-builder calls the systems, in the names of folders. */
export const BUILDER_OS = { linux: 'linux', darwin: 'mac', win32: 'win' } as const;

/**
 * Lays the packages of a target into `dist/natives/<os>-<arch>`, from where `electron-builder.yml` packs them. npm installs only
 * those of the machine it runs on: others are fetched as the lock names them, or left out where only the layout is looked at.
 */
export async function gatherNatives(target: Target, missing: 'fetch' | 'leave-out'): Promise<string[]> {
  const folder = join(ROOT, 'dist/natives', `${BUILDER_OS[target.platform]}-${target.arch}`);
  await rm(folder, { recursive: true, force: true });
  const leftOut: string[] = [];
  for (const name of packedPackages(target)) {
    const installed = join(ROOT, 'node_modules', name);
    const to = join(folder, name);
    await mkdir(to, { recursive: true });
    if (existsSync(installed)) await cp(installed, to, { recursive: true, dereference: true });
    else if (missing === 'fetch') await fetchPackage(name, to);
    else leftOut.push(name);
  }
  return leftOut;
}

const Lock = z.object({
  packages: z.record(z.string(), z.looseObject({ version: z.string().optional(), integrity: z.string().optional() })),
});

/** The package as the lock names it, checked against the lock's digest. */
async function fetchPackage(name: string, to: string): Promise<void> {
  const { packages } = Lock.parse(JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')));
  const { version, integrity } = packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) throw new Error(`The lock does not name ${name}.`);
  const folder = await mkdtemp(join(tmpdir(), 'longshore-native-'));
  try {
    const { command, args, shell } = npm(['pack', '--silent', `${name}@${version}`, '--pack-destination', folder]);
    const { status, stdout } = spawnSync(command, args, {
      cwd: ROOT,
      shell,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status !== 0)
      throw new Error(
        `${name}@${version} is not installed on this machine and could not be fetched. Install it with ` +
          `“npm install --no-save --force ${name}@${version}”, or build this target on its own system.`,
      );
    const file = join(folder, stdout.trim().split('\n').at(-1) ?? '');
    const digest = `sha512-${createHash('sha512')
      .update(await readFile(file))
      .digest('base64')}`;
    if (digest !== integrity) throw new Error(`${name}@${version} is not what the lock names: its digest differs.`);
    if (spawnSync('tar', ['-xzf', file, '-C', to, '--strip-components', '1'], { stdio: 'inherit' }).status !== 0)
      throw new Error(`${name}@${version} could not be unpacked with tar.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
