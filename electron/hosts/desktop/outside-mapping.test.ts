import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isMapping, readMapping } from './outside-mapping.ts';

test('a mapping file is read for the window; one that is gone, a folder or far too large is refused by its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-outside-'));
  const path = join(folder, 'Accounts.SDL');
  await writeFile(path, 'Name=Name\n');
  expect([isMapping(path), isMapping(join(folder, 'sdl.csv'))]).toEqual([true, false]);
  const content = Buffer.from('Name=Name\n').toString('base64');
  expect(await readMapping(path)).toEqual({ kind: 'open-mapping', fileName: 'Accounts.SDL', content });
  await truncate(path, 5_000_001);
  const failure = { code: 'MAPPING_FILE_UNREADABLE', fileName: 'Accounts.SDL', newer: false };
  await expect(readMapping(path)).rejects.toMatchObject({ failure });
  const gone = { code: 'FILE_UNREADABLE', fileName: 'gone.sdl', reason: 'ENOENT' };
  await expect(readMapping(join(folder, 'gone.sdl'))).rejects.toMatchObject({ failure: gone });
  await expect(readMapping(folder)).rejects.toMatchObject({ failure: { code: 'FILE_UNREADABLE', reason: 'EISDIR' } });
  await rm(folder, { recursive: true });
});
