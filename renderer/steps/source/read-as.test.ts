import { expect, test } from 'vitest';
import type { SourceFormat, SourceSummary } from '../../../shared/domain/source-file.ts';
import { readAs } from './read-as.ts';

const CSV = { kind: 'delimited', delimiter: ',', encoding: 'utf-8', headerless: false, linesAbove: 0, sepLine: false };

test.each([
  ['a plain CSV', CSV, 'comma, utf-8, header in line 1'],
  ['lines above the header', { ...CSV, linesAbove: 2, sepLine: true }, 'comma, utf-8, header in line 4'],
  ['no header', { ...CSV, headerless: true, encoding: 'cp850' }, 'comma, cp850, no header'],
  ['JSON', { kind: 'json', encoding: 'utf-8', layout: 'lines' }, 'JSON, utf-8'],
  [
    'a workbook',
    { kind: 'workbook', sheet: 'Accounts', headerRow: 3, sheets: [] },
    'sheet “Accounts”, header in row 3',
  ],
])('%s', (_name, format, words) => {
  const part = { format: format as unknown as SourceFormat } as SourceSummary['parts'][number];
  expect(readAs({ parts: [part] })).toBe(words);
});

test('a file that is not read yet', () => {
  expect(readAs({ parts: [] })).toBe('');
});
