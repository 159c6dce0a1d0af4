import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isMapping, mappingAmong } from './outside-mapping.ts';

test('a mapping file is read for the window; one that is gone, a folder or far too large is refused by its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-outside-'));
  const path = join(folder, 'Accounts.SDL');
  await writeFile(path, 'Name=Name\n');
  expect([isMapping(path), isMapping(join(folder, 'sdl.csv'))]).toEqual([true, false]);
  const content = Buffer.from('Name=Name\n').toString('base64');
  const command = { kind: 'open-mapping', fileName: 'Accounts.SDL', content };
  expect(await mappingAmong([path])).toEqual(command);
  expect(await mappingAmong([join(folder, 'a.csv'), path])).toEqual(command);
  expect(await mappingAmong([join(folder, 'a.csv')])).toBe(null);
  await truncate(path, 5_000_001);
  const failure = { code: 'MAPPING_FILE_UNREADABLE', fileName: 'Accounts.SDL', newer: false };
  await expect(mappingAmong([path])).rejects.toMatchObject({ failure });
  const gone = { code: 'FILE_UNREADABLE', fileName: 'gone.sdl', reason: 'ENOENT' };
  await expect(mappingAmong([join(folder, 'gone.sdl')])).rejects.toMatchObject({ failure: gone });
  const inner = join(folder, 'folder.sdl');
  await mkdir(inner);
  await expect(mappingAmong([inner])).rejects.toMatchObject({ failure: { code: 'FILE_UNREADABLE', reason: 'EISDIR' } });
  await rm(folder, { recursive: true });
});

test('several mapping files that come together are refused, whether or not they can be read', async () => {
  expect(await mappingAmong(['/a.sdl', '/data.csv', '/B.SDL'])).toEqual({
    kind: 'files-refused',
    failure: { code: 'MAPPING_FILES_SEVERAL', files: 2 },
  });
});
