import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_ROWS } from '../../../shared/domain/source-file.ts';
import { startBackend, type TestBackend } from '../test-support/start-backend.ts';

/** One golden file, read through the whole staging path in every encoding and line ending it can come in. */
const FIXTURES = new URL('./fixtures/', import.meta.url);
let app: TestBackend;
let folder: string;
let text: string;
let golden: unknown;

beforeAll(async () => {
  app = await startBackend({ url: 'http://127.0.0.1:1' });
  folder = await mkdtemp(join(tmpdir(), 'longshore-golden-'));
  text = await readFile(new URL('people.csv', FIXTURES), 'utf8');
  golden = JSON.parse(await readFile(new URL('people.golden.json', FIXTURES), 'utf8'));
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

const ENCODINGS: [string, boolean][] = [
  ['utf-8', false],
  ['utf-8', true],
  ['utf-16le', true],
  ['utf-16be', true],
  ['windows-1252', false],
];

test.each(
  ENCODINGS.flatMap(([encoding, addBOM]) =>
    ['\n', '\r\n', '\r'].map((newline) => [encoding, addBOM, newline] as const),
  ),
)('%s, byte-order mark %s, line ending %j', async (encoding, addBOM, newline) => {
  const path = join(folder, 'people.csv');
  await writeFile(path, iconv.encode(text.replaceAll('\n', newline), encoding, { addBOM }));
  const { sourceId, columns, state } = await app.stage(path);
  const { page } = await app.call('source.page', { sourceId, view: ALL_ROWS, offset: 0, limit: 100 });
  const normal = (cell: string) => cell.replaceAll(newline, '\n');
  expect({
    columns: columns.map(({ name }) => name),
    problemRows: state.kind === 'staged' ? state.problemRows : null,
    rows: page.map(({ row, line, cells, problem }) => ({ row, line, cells: cells.map(normal), problem })),
  }).toEqual(golden);
});
