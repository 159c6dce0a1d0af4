import { expect, test } from 'vitest';
import { failureText } from '../../shared/text/failure-text.ts';
import { partMappings } from './given-mapping.tsx';

const [sdl, other, csv] = ['a.sdl', 'B.SDL', 'c.csv'].map((name) => new File(['x'], name)) as [File, File, File];

test('one mapping file that is dropped is used, with or without sources', async () => {
  expect(await partMappings([csv])).toEqual({ given: null, sources: [csv] });
  expect((await partMappings([sdl])).given).toBe(sdl);
  expect(await partMappings([csv, other])).toEqual({ given: other, sources: [csv] });
});

test('several at once are refused in a sentence, and the sources among them are opened', async () => {
  const { given, sources } = await partMappings([sdl, csv, other]);
  expect(sources).toEqual([csv]);
  expect(given).toEqual({ code: 'MAPPING_FILES_SEVERAL', files: 2 });
  const { title, next } = failureText({ code: 'MAPPING_FILES_SEVERAL', files: 2 });
  expect(`${title} ${next}`).toBe('You opened 2 mapping files at once. Drop or choose one mapping file at a time.');
});

test('a mapping of ours is known by how it begins, whatever else is called .json', async () => {
  const ours = new File(['{\n  "kind": "longshore-mapping",\n  "version": 1'], 'ours.json');
  const rows = new File(['[{ "kind": "longshore-mapping" }]'], 'rows.json');
  expect(await partMappings([ours, rows])).toEqual({ given: ours, sources: [rows] });
  expect((await partMappings([ours, sdl])).given).toEqual({ code: 'MAPPING_FILES_SEVERAL', files: 2 });
});
