import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ENGLISH, resedit } from './packed-parts.ts';
import type { Target } from './natives.ts';

/**
 * A folder laid out as Electron's own distribution for a target is (the zip files of github.com/electron/electron/releases), with
 * stand-ins for its binaries: what electron-builder renames, edits and flips is there, and nothing of it can run.
 * Without `default_app.asar`, which electron-builder removes from what it downloads itself only.
 */
export async function layFakeElectron(target: Target, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const files = { linux: linuxFiles, darwin: macFiles, win32: windowsFiles }[target.platform]();
  for (const [name, content] of Object.entries({ ...files, ...LICENCES })) {
    const at = join(folder, name);
    await mkdir(dirname(at), { recursive: true });
    await writeFile(at, content);
    if (!name.includes('.') || /MacOS\//.test(name)) await chmod(at, 0o755);
  }
}

type Files = Record<string, string | Uint8Array>;

/** The fuses' place in the binary (@electron/fuses, README): the sentinel, the version 1, the count, one digit each. */
const FUSES = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u000900110001\u0030', 'latin1');
const LICENCES = { LICENSE: 'Electron', 'LICENSES.chromium.html': '<html>Chromium</html>', version: '0.0.0' };
const CHROMIUM = [
  'chrome_100_percent.pak',
  'chrome_200_percent.pak',
  'icudtl.dat',
  'resources.pak',
  'snapshot_blob.bin',
  'v8_context_snapshot.bin',
  'vk_swiftshader_icd.json',
  'locales/de.pak',
  'locales/en-US.pak',
  'locales/fr.pak',
];

function empty(names: readonly string[]): Files {
  return Object.fromEntries(names.map((name) => [name, '']));
}

function linuxFiles(): Files {
  return {
    ...empty(CHROMIUM),
    ...empty(['libEGL.so', 'libGLESv2.so', 'libffmpeg.so', 'libvk_swiftshader.so', 'libvulkan.so.1']),
    ...empty(['chrome-sandbox', 'chrome_crashpad_handler']),
    electron: Buffer.concat([Buffer.from('\x7fELF', 'latin1'), FUSES]),
  };
}

function windowsFiles(): Files {
  return {
    ...empty(CHROMIUM),
    ...empty(['d3dcompiler_47.dll', 'ffmpeg.dll', 'libEGL.dll', 'libGLESv2.dll', 'vk_swiftshader.dll', 'vulkan-1.dll']),
    'electron.exe': windowsProgram(),
  };
}

/** A real, empty Windows program: electron-builder reads its resources and writes icon, version and the archive's digest. */
function windowsProgram(): Uint8Array {
  const { NtExecutable, NtExecutableResource, Resource } = resedit;
  const program = NtExecutable.createEmpty(false, false);
  const resource = NtExecutableResource.from(program);
  const version = Resource.VersionInfo.createEmpty();
  version.setStringValues(ENGLISH, { ProductName: 'Electron' });
  version.outputToResourceEntries(resource.entries);
  resource.outputResource(program);
  return Buffer.concat([Buffer.from(program.generate()), FUSES]);
}

const HELPERS = ['', ' (GPU)', ' (Plugin)', ' (Renderer)'].map((kind) => `Electron Helper${kind}`);

function macFiles(): Files {
  const contents = 'Electron.app/Contents';
  const framework = `${contents}/Frameworks/Electron Framework.framework`;
  const helpers: Files = {};
  for (const helper of HELPERS) {
    helpers[`${contents}/Frameworks/${helper}.app/Contents/MacOS/${helper}`] = '';
    helpers[`${contents}/Frameworks/${helper}.app/Contents/Info.plist`] = plist(helper, 'com.github.Electron.helper');
  }
  return {
    ...helpers,
    [`${contents}/MacOS/Electron`]: '',
    [`${contents}/PkgInfo`]: 'APPL????',
    [`${contents}/Info.plist`]: plist('Electron', 'com.github.Electron'),
    [`${contents}/Resources/electron.icns`]: '',
    [`${contents}/Resources/en.lproj/locale.pak`]: '',
    [`${framework}/Versions/A/Resources/en.lproj/locale.pak`]: '',
    // The real one is a link to Versions/A.
    [`${framework}/Electron Framework`]: FUSES,
    [`${framework}/Resources/Info.plist`]: plist('Electron Framework', 'com.github.Electron.framework'),
    [`${framework}/Resources/en.lproj/locale.pak`]: '',
    [`${contents}/Frameworks/Squirrel.framework/Squirrel`]: '',
  };
}

function plist(executable: string, identifier: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
  <key>CFBundleExecutable</key><string>${executable}</string>
  <key>CFBundleIdentifier</key><string>${identifier}</string>
  <key>CFBundleName</key><string>Electron</string>
  <key>CFBundlePackageType</key><string>APPL</string>
  <key>CFBundleIconFile</key><string>electron.icns</string>
  <key>CFBundleVersion</key><string>0.0.0</string>
  <key>CFBundleShortVersionString</key><string>0.0.0</string>
</dict></plist>
`;
}
