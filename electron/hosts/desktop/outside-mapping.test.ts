import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { partMappings, tellMappings } from './outside-mapping.ts';

test('a mapping file is read for the window; one that is gone, a folder or far too large is refused by its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-outside-'));
  const path = join(folder, 'Accounts.SDL');
  await writeFile(path, 'Name=Name\n');
  const content = Buffer.from('Name=Name\n').toString('base64');
  const command = { kind: 'open-mapping', fileName: 'Accounts.SDL', content };
  expect(await tellMappings([path])).toEqual(command);
  expect(await tellMappings([])).toBe(null);
  await truncate(path, 5_000_001);
  const failure = { code: 'MAPPING_FILE_UNREADABLE', fileName: 'Accounts.SDL', newer: false };
  await expect(tellMappings([path])).rejects.toMatchObject({ failure });
  const gone = { code: 'FILE_UNREADABLE', fileName: 'gone.sdl', reason: 'ENOENT' };
  await expect(tellMappings([join(folder, 'gone.sdl')])).rejects.toMatchObject({ failure: gone });
  const inner = join(folder, 'folder.sdl');
  await mkdir(inner);
  await expect(tellMappings([inner])).rejects.toMatchObject({ failure: { code: 'FILE_UNREADABLE', reason: 'EISDIR' } });
  await rm(folder, { recursive: true });
});

test('several mapping files that come together are refused, whether or not they can be read', async () => {
  expect(await tellMappings(['/a.sdl', '/B.SDL'])).toEqual({
    kind: 'files-refused',
    failure: { code: 'MAPPING_FILES_SEVERAL', files: 2 },
  });
});

test('Data Loader’s mappings are known by their name, our own by how they begin', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-outside-'));
  const at = (name: string) => join(folder, name);
  await writeFile(at('ours.json'), '\uFEFF{\n  "kind": "longshore-mapping",\n  "version": 1');
  await writeFile(at('rows.json'), '[{ "kind": "longshore-mapping" }]');
  await writeFile(at('longshore.csv'), '{ "kind": "longshore-mapping" }');
  const paths = ['A.SDL', 'ours.json', 'rows.json', 'longshore.csv', 'gone.json', 'sdl.csv'].map(at);
  const sources = ['rows.json', 'longshore.csv', 'gone.json', 'sdl.csv'].map(at);
  expect(await partMappings(paths)).toEqual({ mappings: [at('A.SDL'), at('ours.json')], sources });
  await rm(folder, { recursive: true });
});
