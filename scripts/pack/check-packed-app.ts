import { deepEqual, equal, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import { nativePackages, packedPackages, type Target } from './natives.ts';
import { asar, readFuses, readInfoPlist, readWindowsProgram } from './packed-parts.ts';

/** The limit for `resources`. What npm installs for the app takes more than 400 MB: it must not come in beside the bundle. */
const BUDGET_MB = 160;
/** Reserved for native parts that are not installed here; macOS’ are the largest, 113 MB. */
const NATIVES_MB = 115;
const MB = 1024 * 1024;

const Config = z.looseObject({ appId: z.string(), electronFuses: z.record(z.string(), z.boolean()) });
const Manifest = z.looseObject({ version: z.string() });
const ROOT = new URL('../../', import.meta.url);
const config = Config.parse(load(readFileSync(new URL('electron-builder.yml', ROOT), 'utf8')));
const { version } = Manifest.parse(JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')));

/** The order of the fuses in Electron’s binary (@electron/fuses, `FuseV1Options`). */
const FUSES = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
];

/** Where a target’s packed app keeps what is looked at. */
export interface PackedApp {
  readonly resources: string;
  readonly program: string;
  readonly fuseHolder: string;
}

export async function findPackedApp({ platform }: Target, output: string): Promise<PackedApp> {
  const folder = (await readdir(output, { withFileTypes: true })).find((entry) => entry.isDirectory());
  ok(folder, `nothing was packed into ${output}`);
  const at = join(output, folder.name);
  if (platform === 'darwin') {
    const contents = join(at, 'Longshore.app/Contents');
    return {
      resources: join(contents, 'Resources'),
      program: join(contents, 'MacOS/Longshore'),
      fuseHolder: join(contents, 'Frameworks/Electron Framework.framework/Electron Framework'),
    };
  }
  const program = join(at, platform === 'win32' ? 'Longshore.exe' : 'longshore');
  return { resources: join(at, 'resources'), program, fuseHolder: program };
}

/**
 * Holds a packed app to what was meant, whatever its target.
 *
 * @param leftOut native packages that were not installed here, so that they can't be in it
 * @returns the size of its resources in MB
 * @throws AssertionError of the first thing that is not as it should be
 */
export async function checkPackedApp(target: Target, output: string, leftOut: readonly string[]): Promise<number> {
  const app = await findPackedApp(target, output);
  ok(existsSync(app.program), `the program is not at ${app.program}`);
  checkArchive(target, app, leftOut);
  await checkUnpacked(target, app, leftOut);
  await checkFuses(app);
  if (target.platform === 'darwin') await checkMac(app);
  if (target.platform === 'win32') await checkWindows(app);
  ok((await stat(join(app.resources, 'THIRD-PARTY-NOTICES.txt'))).size > 10_000, 'the licences of others are missing');
  const size = (await bytesIn(app.resources)) / MB;
  ok(size + (leftOut.length > 0 ? NATIVES_MB : 0) <= BUDGET_MB, `${app.resources} takes ${size.toFixed(0)} MB`);
  return size;
}

/** The bundle, its page and the native parts of this target are in the archive, and nothing else. */
function checkArchive(target: Target, app: PackedApp, leftOut: readonly string[]): void {
  const archive = join(app.resources, 'app.asar');
  const files = asar.listPackage(archive, { isPack: false }).map((file) => file.replaceAll('\\', '/').slice(1));
  for (const needed of ['main.js', 'preload.cjs', 'staging-process.js', 'practice-org.js'])
    ok(files.includes(`dist/desktop/${needed}`), `${needed} is not packed`);
  ok(files.includes('dist/renderer/index.html'), 'the window’s page is not packed');
  const strange = files.filter(
    (file) => !/^(dist(\/(desktop|renderer)(\/.*)?)?|package\.json|node_modules(\/.*)?)$/.test(file),
  );
  deepEqual(strange, [], 'files that no one needs are packed');
  const packages = new Set(files.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/@]+)\//.exec(file)?.[1] ?? []));
  deepEqual(
    [...packages].sort(),
    packedPackages(target)
      .filter((name) => !leftOut.includes(name))
      .sort(),
  );
  equal(Manifest.parse(JSON.parse(asar.extractFile(archive, 'package.json').toString())).version, version);
}

/** Native parts lie outside the archive, all of their files that are loaded, and only those. */
async function checkUnpacked(target: Target, app: PackedApp, leftOut: readonly string[]): Promise<void> {
  const native = nativePackages(target).filter((name) => !leftOut.includes(name));
  const folder = join(app.resources, 'app.asar.unpacked');
  const files = existsSync(folder) ? await readdir(folder, { recursive: true, withFileTypes: true }) : [];
  const binaries = files.filter((entry) => entry.isFile()).map(({ name }) => name);
  for (const { name } of files.filter((entry) => entry.isFile()))
    ok(/\.(node|so|dll|dylib)$/.test(name), `${name} is unpacked`);
  equal(binaries.length, native.length === 0 ? 0 : 3, `unpacked are ${binaries.join(', ')}`);
}

async function checkFuses({ fuseHolder }: PackedApp): Promise<void> {
  const burnt = await readFuses(fuseHolder);
  for (const [name, wanted] of Object.entries(config.electronFuses))
    equal(burnt[FUSES.indexOf(name)], wanted, `the fuse ${name}`);
}

/** The digest that Electron checks the archive by is that of its head, which holds the digests of all files. */
function headDigest({ resources }: PackedApp): string {
  const file = openSync(join(resources, 'app.asar'), 'r');
  // Two pickles (chromium-pickle-js): the size of the head, then the head as a string with its own length.
  const sizes = Buffer.alloc(16);
  readSync(file, sizes, 0, 16, 0);
  const head = Buffer.alloc(sizes.readUInt32LE(12));
  readSync(file, head, 0, head.length, 16);
  closeSync(file);
  return createHash('sha256').update(head).digest('hex');
}

async function checkMac(app: PackedApp): Promise<void> {
  const info = await readInfoPlist(join(app.resources, '../Info.plist'));
  equal(info.CFBundleIdentifier, config.appId);
  equal(info.CFBundleShortVersionString, version);
  ok((await stat(join(app.resources, info.CFBundleIconFile))).size > 10_000, 'the icon is not ours');
  deepEqual(info.CFBundleDocumentTypes.flatMap((type) => type.CFBundleTypeExtensions).sort(), ['csv', 'tsv', 'xlsx']);
  for (const type of info.CFBundleDocumentTypes)
    deepEqual([type.CFBundleTypeRole, type.LSHandlerRank], ['Viewer', 'Alternate'], 'files’ own programs stay theirs');
  deepEqual(info.ElectronAsarIntegrity, { 'Resources/app.asar': { algorithm: 'SHA256', hash: headDigest(app) } });
}

async function checkWindows(app: PackedApp): Promise<void> {
  const program = await readWindowsProgram(app.program);
  equal(program.version['ProductName'], 'Longshore');
  ok(program.version['FileVersion']?.startsWith(version), `its version is ${program.version['FileVersion']}`);
  equal(program.icons, 1);
  deepEqual(program.integrity, [{ file: 'resources\\app.asar', alg: 'SHA256', value: headDigest(app) }]);
}

async function bytesIn(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
  return total;
}
