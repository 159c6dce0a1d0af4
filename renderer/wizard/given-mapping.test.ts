import { expect, test } from 'vitest';
import { failureText } from '../../shared/text/failure-text.ts';
import { partMappings } from './given-mapping.tsx';

const [sdl, other, csv] = ['a.sdl', 'B.SDL', 'c.csv'].map((name) => new File(['x'], name)) as [File, File, File];

test('one mapping file that is dropped is used, with or without sources', () => {
  expect(partMappings([csv])).toEqual({ given: null, sources: [csv] });
  expect(partMappings([sdl]).given).toBe(sdl);
  expect(partMappings([csv, other])).toEqual({ given: other, sources: [csv] });
});

test('several at once are refused in a sentence, and the sources among them are opened', () => {
  const { given, sources } = partMappings([sdl, csv, other]);
  expect(sources).toEqual([csv]);
  expect(given).toEqual({ code: 'MAPPING_FILES_SEVERAL', files: 2 });
  const { title, next } = failureText({ code: 'MAPPING_FILES_SEVERAL', files: 2 });
  expect(`${title} ${next}`).toBe('You opened 2 mapping files at once. Drop or choose one .sdl file at a time.');
});
