import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SourceId } from '../../../shared/domain/ids.ts';
import { ALL_ROWS, type Encoding } from '../../../shared/domain/source-file.ts';
import { decoderOf } from '../staging/text-decoder.ts';
import { startBackend, type TestBackend } from '../test-support/start-backend.ts';

let app: TestBackend;
let folder: string;
let made = 0;

beforeAll(async () => {
  app = await startBackend({ url: 'http://127.0.0.1:1' });
  folder = await mkdtemp(join(tmpdir(), 'longshore-replacement-'));
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

/** A file of which the letter `@` is what can't be decoded. */
function bytesOf(text: string, encoding: string, bad: number[]): Buffer {
  const parts = text.split('@').map((part) => iconv.encode(part, encoding));
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from(bad), part])));
}

async function read(path: string, encoding?: Encoding) {
  const sourceId = await app.backend.handOver([path]);
  const staged = app.waitFor((event) =>
    event.topic === 'source' && event.source.sourceId === sourceId && event.source.state.kind === 'staged'
      ? event.source
      : null,
  );
  await app.call('source.open', { sourceId, choice: encoding ? { encoding } : null });
  const { preview } = await staged;
  const rows = await rowsOf(sourceId);
  expect(preview.map(({ problem, cells }) => [problem, ...cells])).toEqual(rows);
  return { sourceId, rows };
}

async function rowsOf(sourceId: SourceId) {
  const { page } = await app.call('source.page', { sourceId, view: ALL_ROWS, offset: 0, limit: 100 });
  return page.map(({ problem, cells }) => [problem, ...cells]);
}

const CSV = 'Näme,Größe,Öl\nM\ufffdller,ü,x\nK@ln,y,z\nM\ufffdnch,W@rth,w\n';
const JSON_ROWS =
  '[{"a":"M\ufffdller","b":"ü","c":"x"},{"a":"K@ln","b":"y","c":"z"},{"a":"M\ufffdnch","b":"W@rth","c":"w"}]';
const ESCAPED = JSON_ROWS.replaceAll('\ufffd', String.raw`\ufffd`).replaceAll('@', String.raw`\ud800`);

/** Name, extension, bytes, the encoding to read them as, and the one that what is written of them has. */
const FILES: [string, string, Buffer, Encoding?, Encoding?][] = [
  ['UTF-8', 'csv', bytesOf(CSV, 'utf-8', [0xf6]), 'utf-8'],
  ['UTF-8 in which another sequence is cut off', 'csv', bytesOf(CSV, 'utf-8', [0xe2, 0x82]), 'utf-8'],
  ['UTF-16, little end first', 'csv', Buffer.concat([Buffer.of(0xff, 0xfe), bytesOf(CSV, 'utf-16le', [0x00, 0xdc])])],
  ['UTF-16, big end first', 'csv', Buffer.concat([Buffer.of(0xfe, 0xff), bytesOf(CSV, 'utf-16be', [0xd8, 0x00])])],
  ['GB 18030', 'csv', bytesOf(CSV, 'gb18030', [0xff]), 'gb18030', 'utf-8'],
  ['JSON', 'json', bytesOf(JSON_ROWS, 'utf-8', [0xf6]), 'utf-8'],
  ['JSON with escapes', 'json', Buffer.from(ESCAPED), 'utf-8'],
  [
    'JSON in UTF-16',
    'json',
    Buffer.concat([Buffer.of(0xff, 0xfe), bytesOf(JSON_ROWS, 'utf-16le', [0x00, 0xd8])]),
    undefined,
    'utf-8',
  ],
  ['JSON in lines', 'jsonl', bytesOf(JSON_ROWS.slice(1, -1).replaceAll('},{', '}\n{'), 'utf-8', [0xf6]), 'utf-8'],
];

describe('a U+FFFD of the file’s own is loaded, and what can’t be decoded is held back', () => {
  test.each(FILES)('%s', async (_name, extension, bytes, encoding, savedAs = encoding) => {
    const path = join(folder, `${++made}.${extension}`);
    await writeFile(path, bytes);
    const { sourceId, rows } = await read(path, encoding);
    const expected = [
      [null, 'M\ufffdller', 'ü', 'x'],
      ['UNREADABLE_CHARACTER', 'K\ufffdln', 'y', 'z'],
      ['UNREADABLE_CHARACTER', 'M\ufffdnch', 'W\ufffdrth', 'w'],
    ];
    expect(rows).toEqual(expected);

    // What is written of it can be dropped back in, and means the same.
    await app.call('source.save', { sourceId });
    expect((await read(app.saved.at(-1)?.path ?? '', savedAs)).rows).toEqual(expected);

    // Only typing the cell that could not be read mends the row; its other one is as it was.
    const edits = [
      { row: 2, column: 1, value: 'typed' },
      { row: 3, column: 1, value: 'Wörth' },
    ];
    await app.call('source.edit', { sourceId, cells: edits });
    expect((await rowsOf(sourceId)).slice(1)).toEqual([
      ['UNREADABLE_CHARACTER', 'K\ufffdln', 'typed', 'z'],
      [null, 'M\ufffdnch', 'Wörth', 'w'],
    ]);
  });

  test.each<[Encoding, string, number[]]>([
    ['shift_jis', '名前,住所\n日本,東京\n大@阪,京都\n', [0xff]],
    ['windows-1253', 'Όνομα,Πόλη\nΆννα,Αθήνα\nΝί@κη,Πάτρα\n', [0xd2]],
  ])('%s, which has none of its own', async (encoding, text, bad) => {
    const path = join(folder, `${++made}.csv`);
    await writeFile(path, bytesOf(text, encoding, bad));
    const { sourceId, rows } = await read(path, encoding);
    expect(rows.map(([problem]) => problem)).toEqual([null, 'UNREADABLE_CHARACTER']);
    await app.call('source.save', { sourceId });
    const again = await read(app.saved.at(-1)?.path ?? '', 'utf-8');
    expect(again.rows).toEqual(rows);
  });

  test('more than one thing wrong with a row: it is mended when all are', async () => {
    const path = join(folder, `${++made}.csv`);
    await writeFile(path, Buffer.from('a,b,c\nx\xff,1\n\0y,\xff,\xe2\x90\x80\n', 'latin1'));
    const { sourceId, rows } = await read(path, 'utf-8');
    expect(rows.map(([problem]) => problem)).toEqual(['TOO_FEW_CELLS', 'NUL_CHARACTER']);
    const typed = async (row: number, column: number, value: string) => {
      await app.call('source.edit', { sourceId, cells: [{ row, column, value }] });
      return (await rowsOf(sourceId)).map(([problem]) => problem);
    };
    expect(await typed(1, 2, 'c')).toEqual(['TOO_FEW_CELLS', 'NUL_CHARACTER']);
    expect(await typed(1, 0, 'x')).toEqual([null, 'NUL_CHARACTER']);
    expect(await typed(2, 0, 'y')).toEqual([null, 'NUL_CHARACTER']);
    expect(await typed(2, 1, 'b')).toEqual([null, null]);
    expect((await rowsOf(sourceId))[1]).toEqual([null, 'y', 'b', '\u2400']);
  });

  test('within arrays and objects of JSON, and in its keys', async () => {
    const path = join(folder, `${++made}.jsonl`);
    const text = '{"a":["x","y\ufffd"],"b":[{"k":"v"}]}\n{"a":["x@"],"b":[]}\n{"a":[],"b":[{"k@":"v@"}]}\n';
    await writeFile(path, bytesOf(text, 'utf-8', [0xf6]));
    expect((await read(path, 'utf-8')).rows).toEqual([
      [null, 'x;y\ufffd', '[{"k":"v"}]'],
      ['UNREADABLE_CHARACTER', 'x\ufffd', ''],
      ['UNREADABLE_CHARACTER', '', '[{"k\ufffd":"v\ufffd"}]'],
    ]);
  });
});

/** Every way to cut the bytes into two, and each byte by itself, means the same. */
test.each<[Encoding, number[], string]>([
  ['utf-8', [0x61, 0xe4, 0xef, 0xbf, 0xbd, 0xff, 0xef, 0xbf, 0xbd], 'a\ud800\ufffd\ud800\ufffd'],
  [
    'utf-16le',
    [0x00, 0xd8, 0xfd, 0xff, 0x41, 0xfd, 0xff, 0x00, 0x00, 0xdc, 0x41],
    '\ud800\ufffd\ufd41\u00ff\ud800\ud800',
  ],
  ['utf-16be', [0xdc, 0xff, 0xfd, 0x41, 0xff, 0xfd, 0xd8, 0x00], '\ud800\ufd41\ufffd\ud800'],
  ['gb18030', [0x84, 0x31, 0xa4, 0x37, 0xff, 0x41, 0x84, 0x31, 0xa4, 0x37], '\ufffd\ud800A\ufffd'],
  ['shift_jis', [0x83, 0x41, 0xff, 0x41], 'ア\ud800A'],
])('%s is decoded piece by piece', (encoding, bytes, text) => {
  const decoded = (...pieces: number[][]) => {
    const decoder = decoderOf(encoding);
    return pieces.map((piece) => decoder.decode(Uint8Array.from(piece))).join('') + decoder.end();
  };
  for (let cut = 0; cut <= bytes.length; cut++) expect(decoded(bytes.slice(0, cut), bytes.slice(cut))).toBe(text);
  expect(decoded(...bytes.map((byte) => [byte]))).toBe(text);
});
