import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LOADERS } from './natives.ts';
import { readNotices } from './notices.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-notices-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function aPackage(name: string, license: unknown, files: Record<string, string>): Promise<string> {
  const at = join(folder, name);
  await mkdir(at, { recursive: true });
  await writeFile(join(at, 'package.json'), JSON.stringify({ name, version: '1.0.0', license }));
  for (const [file, text] of Object.entries(files)) await writeFile(join(at, file), text);
  return at;
}

test('a package without a licence, with one that asks for more, or without its text, stops the build', async () => {
  const folders = [
    await aPackage('fine', 'MIT', { 'LICENSE.md': 'MIT text', NOTICE: 'and a notice' }),
    await aPackage('a-choice', '(GPL-3.0 OR MIT)', { LICENCE: 'text' }),
    await aPackage('none', undefined, { LICENSE: 'text' }),
    await aPackage('copyleft', 'GPL-3.0', { COPYING: 'text' }),
    await aPackage('both', 'MIT AND GPL-3.0', { COPYING: 'text' }),
    await aPackage('textless', 'MIT', {}),
  ];
  await expect(readNotices(folders)).rejects.toThrow(
    [
      'Not all licences are known:',
      'none: its licence is “”',
      'copyleft: its licence is “GPL-3.0”',
      'both: its licence is “MIT AND GPL-3.0”',
      'textless: no licence text',
    ].join('\n'),
  );
  const [choice, fine] = await readNotices(folders.slice(0, 2));
  expect([choice?.name, fine?.texts]).toEqual(['a-choice', ['MIT text', 'and a notice']]);
});

test('the packages that are packed beside the bundle have theirs, as those in it had when it was built', async () => {
  const installed = [...LOADERS, 'detect-libc'].map((name) =>
    fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url)),
  );
  expect((await readNotices(installed)).map(({ name, licence }) => [name, licence])).toEqual([
    ['@duckdb/node-bindings', 'MIT'],
    ['@napi-rs/keyring', 'MIT'],
    ['detect-libc', 'Apache-2.0'],
  ]);
});
