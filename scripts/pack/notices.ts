import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { z } from 'zod';

/** A package of others whose code is in the app. */
export interface Notice {
  readonly name: string;
  readonly version: string;
  /** As its `package.json` names it, by SPDX. */
  readonly licence: string;
  /** Its licence files whole, and its notices. */
  readonly texts: readonly string[];
}

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.union([z.string(), z.object({ type: z.string() })]).optional(),
});
/** Licences that ask for their text and copyright line to come along, and for no more. */
const ACCEPTED = [
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Python-2.0',
  'BlueOak-1.0.0',
];

/** Notes the folders of all packages of which a module came into the bundle. */
export function collectPackages(folders: Set<string>): Plugin {
  return {
    name: 'longshore-collect-packages',
    generateBundle(_options, bundle) {
      for (const part of Object.values(bundle)) {
        if (part.type !== 'chunk') continue;
        for (const id of Object.keys(part.modules)) {
          const folder = /^\0?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id)?.[1];
          if (folder !== undefined) folders.add(folder);
        }
      }
    },
  };
}

/** Texts for packages that name their licence and forgot its file: one a package, its name with `+` for `/`. */
const FORGOTTEN = fileURLToPath(new URL('../../build/licences/', import.meta.url));

/** @throws Error naming every package without a licence, with one that asks for more, or without its text. */
export async function readNotices(folders: Iterable<string>): Promise<Notice[]> {
  const notices: Notice[] = [];
  const wrong: string[] = [];
  for (const folder of folders) {
    const manifest = Manifest.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
    const licence = typeof manifest.license === 'object' ? manifest.license.type : (manifest.license ?? '');
    const files = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
    const texts = await Promise.all(files.map(async (name) => (await readFile(join(folder, name), 'utf8')).trim()));
    const ours = join(FORGOTTEN, `${manifest.name.replace('/', '+')}.txt`);
    if (texts.length === 0 && existsSync(ours)) texts.push((await readFile(ours, 'utf8')).trim());
    if (!acceptable(licence)) wrong.push(`${manifest.name}: its licence is “${licence}”`);
    else if (texts.length === 0) wrong.push(`${manifest.name}: no licence text`);
    notices.push({ name: manifest.name, version: manifest.version, licence, texts });
  }
  if (wrong.length > 0) throw new Error(`Not all licences are known:\n${wrong.join('\n')}`);
  return notices.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `(MIT OR GPL-3.0)` leaves the choice; an expression with AND asks for all. */
function acceptable(licence: string): boolean {
  const choices = licence.replace(/^\(|\)$/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((one) => ACCEPTED.includes(one)));
}

export async function writeNotices(file: string, notices: readonly Notice[]): Promise<void> {
  const parts = notices.map(
    ({ name, version, licence, texts }) => `${name} ${version} (${licence})\n\n${texts.join('\n\n')}`,
  );
  const head =
    'Longshore contains the works of others, listed here with their licences. Electron and Chromium have theirs in\n' +
    'LICENSE.electron.txt and LICENSES.chromium.html beside the app.';
  await writeFile(file, `${[head, ...parts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
}
