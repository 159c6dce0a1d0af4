import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zipOf } from '../test-support/make-zip.ts';
import { contentOf, headOf, nameInside, packingOf } from './unpack.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-unpack-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function file(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `file-${++files}`);
  await writeFile(path, bytes);
  return path;
}

async function read(path: string): Promise<Buffer> {
  const { packing } = await headOf(path, 'x', 1024, false);
  const pieces: Buffer[] = [];
  for await (const { bytes } of contentOf(path, 'x', packing, new AbortController().signal)) pieces.push(bytes);
  return Buffer.concat(pieces);
}

const CSV = Buffer.from('Name,Città\nAda,Città di Castello\n'.repeat(20_000));

describe('one text in an archive', () => {
  test.each<[string, () => Buffer, string | null]>([
    ['gzip', () => gzipSync(CSV), null],
    [
      'gzip in several members',
      () => Buffer.concat([gzipSync(CSV.subarray(0, 1000)), gzipSync(CSV.subarray(1000))]),
      null,
    ],
    ['zip', () => zipOf([{ name: 'accounts.csv', content: CSV }]), 'accounts.csv'],
    ['zip, stored', () => zipOf([{ name: 'accounts.csv', content: CSV, stored: true }]), 'accounts.csv'],
    [
      'zip from a Mac, in a folder',
      () =>
        zipOf([
          { name: 'export/' },
          { name: 'export/ünï.csv', content: CSV },
          { name: '__MACOSX/export/._ünï.csv', content: Buffer.from('x') },
          { name: 'export/.DS_Store', content: Buffer.from('x') },
        ]),
      'export/ünï.csv',
    ],
  ])('%s gives the same bytes, and its first ones at once', async (_name, bytes, inside) => {
    const path = await file(bytes());
    expect((await read(path)).equals(CSV)).toBe(true);
    const head = await headOf(path, 'x', 4096, false);
    expect(head).toMatchObject({ whole: false });
    expect(CSV.subarray(0, 4096).equals(Buffer.from(head.sample))).toBe(true);
    expect(await nameInside(path, 'x', head.packing)).toBe(inside);
  });

  test('plain text is read as it is', async () => {
    const path = await file(CSV);
    expect(await headOf(path, 'x', CSV.length, false)).toMatchObject({ packing: 'none', whole: true });
    expect((await read(path)).equals(CSV)).toBe(true);
  });

  test('what has come of a gzip file is its head', async () => {
    const packed = gzipSync(CSV);
    const path = await file(packed.subarray(0, packed.length - 20));
    const head = await headOf(path, 'x', CSV.length + 1, true);
    expect(head.whole).toBe(false);
    expect(CSV.subarray(0, head.sample.length).equals(Buffer.from(head.sample))).toBe(true);
    expect(head.sample.length).toBeGreaterThan(1000);
  });

  test('any bytes come back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.boolean(), async (bytes, stored) => {
        const content = Buffer.from(bytes);
        expect((await read(await file(zipOf([{ name: 'a.csv', content, stored }])))).equals(content)).toBe(true);
        expect((await read(await file(gzipSync(content)))).equals(content)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is no such archive is refused with the way out', () => {
  const text = Buffer.from('a,b\n1,2\n');
  const failure = (problem: string) => ({
    failure: expect.objectContaining({ code: 'FILE_ARCHIVE', problem }) as object,
  });
  const document = (looksLike: string) => ({
    failure: expect.objectContaining({ code: 'FILE_NOT_TEXT', looksLike }) as object,
  });
  test.each<[string, () => Buffer, object]>([
    [
      'several files',
      () =>
        zipOf([
          { name: 'a.csv', content: text },
          { name: 'b.csv', content: text },
        ]),
      failure('several'),
    ],
    ['nothing but folders', () => zipOf([{ name: 'a/' }]), failure('nothing')],
    ['an empty archive', () => zipOf([]), failure('nothing')],
    ['a locked file', () => zipOf([{ name: 'a.csv', content: text, encrypted: true }]), failure('encrypted')],
    [
      'a workbook',
      () => zipOf([{ name: '[Content_Types].xml' }, { name: 'xl/workbook.bin' }]),
      document('a binary Excel workbook (.xlsb)'),
    ],
    [
      'a letter',
      () => zipOf([{ name: '[Content_Types].xml' }, { name: 'word/document.xml' }]),
      document('an Office document'),
    ],
    [
      'an OpenDocument sheet',
      () => zipOf([{ name: 'mimetype' }, { name: 'content.xml' }]),
      document('an OpenDocument file'),
    ],
    ['half a zip', () => zipOf([{ name: 'a.csv', content: CSV }]).subarray(0, 900), failure('damaged')],
    ['half a gzip', () => gzipSync(CSV).subarray(0, 900), failure('damaged')],
  ])('%s', async (_name, bytes, expected) => {
    // An empty archive has no local header: it begins with the end of its directory.
    const packed = bytes();
    const path = await file(packed);
    if (packingOf(packed) === 'none') {
      await expect(nameInside(path, 'x', 'zip')).rejects.toMatchObject(expected);
      return;
    }
    await expect(read(path)).rejects.toMatchObject(expected);
  });

  test('an archive with any byte changed gives its content or a refusal, never other content', async () => {
    const content = Buffer.from('Name,Phone\nAda,1\nBob,2\n'.repeat(50));
    for (const packed of [zipOf([{ name: 'a.csv', content }]), gzipSync(content)]) {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 4, max: packed.length - 1 }),
          fc.integer({ min: 1, max: 255 }),
          async (at, change) => {
            const mutated = Buffer.from(packed);
            mutated[at] = (mutated[at] ?? 0) ^ change;
            const path = await file(mutated);
            const outcome = await read(path).catch((error: unknown) => error);
            if (outcome instanceof Buffer) expect(outcome.equals(content)).toBe(true);
            else expect(outcome).toMatchObject({ failure: { code: expect.stringMatching(/^FILE_/) as string } });
          },
        ),
        { numRuns: 150 },
      );
    }
  });

  test('what grows without end is not followed there', async () => {
    const member = gzipSync(Buffer.alloc(16 * 1024 * 1024));
    const path = await file(Buffer.concat(Array.from({ length: 40 }, () => member)));
    let size = 0;
    const reading = async (): Promise<void> => {
      for await (const { bytes } of contentOf(path, 'x', 'gzip', new AbortController().signal)) size += bytes.length;
    };
    await expect(reading()).rejects.toMatchObject(failure('bomb'));
    expect(size).toBeLessThan(513 * 1024 * 1024);
  });

  test('a file that is gone is no damaged archive', async () => {
    await expect(headOf(join(folder, 'gone'), 'x', 10, false)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
