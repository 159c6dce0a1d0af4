import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Arch, build, Platform } from 'electron-builder';
import { checkPackedApp, findPackedApp } from './pack/check-packed-app.ts';
import { layFakeElectron } from './pack/fake-electron.ts';
import { gatherNatives, type Target } from './pack/natives.ts';
import { asar } from './pack/packed-parts.ts';

/**
 * Packs the built app for every target with electron-builder, around folders that stand for Electron’s own (its binaries can’t be
 * had everywhere), and holds what comes out to `check-packed-app.ts`. With a path as argument, this machine’s packed app is laid
 * out there from its archive, so that the journeys can run on it: give a folder that is in no `node_modules`’ reach.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = join(ROOT, 'dist/packed');
const TARGETS: readonly Target[] = [
  { platform: 'linux', arch: 'x64' },
  { platform: 'linux', arch: 'arm64' },
  { platform: 'darwin', arch: 'arm64' },
  { platform: 'darwin', arch: 'x64' },
  { platform: 'win32', arch: 'x64' },
  { platform: 'win32', arch: 'arm64' },
];
const PLATFORM = { linux: Platform.LINUX, darwin: Platform.MAC, win32: Platform.WINDOWS };

async function pack(target: Target): Promise<string> {
  const name = `${target.platform}-${target.arch}`;
  const electronDist = join(OUTPUT, `electron-${name}`);
  const output = join(OUTPUT, name);
  await layFakeElectron(target, electronDist);
  let leftOut: string[] = [];
  await build({
    projectDir: ROOT,
    targets: PLATFORM[target.platform].createTarget('dir', Arch[target.arch]),
    publish: 'never',
    config: {
      extends: join(ROOT, 'electron-builder.yml'),
      electronDist,
      directories: { output, buildResources: 'build' },
      beforeBuild: async () => {
        leftOut = await gatherNatives(target, 'leave-out');
        return false;
      },
    },
  });
  const size = await checkPackedApp(target, output, leftOut);
  const without = leftOut.length === 0 ? '' : `, without its native parts, which are not installed here`;
  process.stdout.write(`${name}: its resources take ${size.toFixed(0)} MB${without}\n`);
  return output;
}

const [layOutAt] = process.argv.slice(2);
await rm(OUTPUT, { recursive: true, force: true });
await mkdir(OUTPUT, { recursive: true });
for (const target of TARGETS) {
  const output = await pack(target);
  if (layOutAt !== undefined && target.platform === process.platform && target.arch === process.arch)
    asar.extractAll(join((await findPackedApp(target, output)).resources, 'app.asar'), resolve(layOutAt));
}
