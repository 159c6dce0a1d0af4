import { createGunzip } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Packing } from '../../../shared/domain/source-file.ts';
import { openRegular, readingFailed, readRegular } from './regular-file.ts';
import { blamesArchive, entryPieces, unpackedPieces, type ContentPiece } from './zip-entry.ts';

/** Bytes read at a time: large enough to be fast, small enough that one piece never holds the loop for 50 ms. */
const PIECE = 256 * 1024;

/**
 * Where unpacking stops (F27): beyond this size, what grew more than two-hundredfold is no table. A CSV of the same row
 * over and over packs to about one part in a hundred.
 */
const SUSPECT_BYTES = 512 * 1024 * 1024;
const SUSPECT_RATIO = 200;
const MAX_ENTRIES = 2000;

/** What a file is packed as, by its first bytes. */
export function packingOf(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04) return 'zip';
  return 'none';
}

interface Archived {
  readonly zip: ZipFile;
  readonly entry: Entry;
}

/** Names that archives carry along: folders, resource forks, hidden files. */
function isChaff(name: string): boolean {
  return name.endsWith('/') || name.startsWith('__MACOSX/') || /(?:^|\/)\./.test(name);
}

/** What a ZIP is that is no archive to a person. Workbooks that can be read never come here. */
function documentIn(names: readonly string[]): { looksLike: string; advice: string } | null {
  const office = names.includes('[Content_Types].xml');
  if (office && names.some((name) => name.startsWith('xl/')))
    return { looksLike: 'a binary Excel workbook (.xlsb)', advice: 'Open it and save it as .xlsx or CSV (UTF-8).' };
  if (office) return { looksLike: 'an Office document', advice: 'Export the data as CSV (UTF-8).' };
  if (names.includes('mimetype') && names.includes('content.xml'))
    return { looksLike: 'an OpenDocument file', advice: 'Open it and save it as .xlsx or CSV (UTF-8).' };
  return null;
}

/** Whether a ZIP is a workbook in Office Open XML, and not a binary one: parts in XML, whatever their names. */
export async function isWorkbook(path: string, fileName: string): Promise<boolean> {
  const zip = await yauzl.openPromise(path, { autoClose: false }).catch((error: unknown) => damaged(fileName, error));
  try {
    let names = 0;
    let office = false;
    let workbook = false;
    for await (const { fileName: name } of zip.eachEntry()) {
      office ||= name === '[Content_Types].xml';
      workbook ||= /^xl\/(?:.*\/)?[^/]*\.xml$/.test(name);
      if (++names > MAX_ENTRIES) break;
      if (name === 'xl/workbook.bin') return false;
    }
    return office && workbook;
  } catch (error) {
    return damaged(fileName, error);
  } finally {
    zip.close();
  }
}

function refuse(
  fileName: string,
  problem: 'several' | 'nothing' | 'encrypted' | 'damaged' | 'bomb',
  entries: string[] = [],
): never {
  throw new FailureError({ code: 'FILE_ARCHIVE', fileName, problem, entries });
}

function damaged(fileName: string, error: unknown): never {
  if (!blamesArchive(error)) throw error;
  refuse(fileName, 'damaged');
}

/** The one file in a ZIP. Throws `FILE_ARCHIVE` for none, several or a locked one, `FILE_NOT_TEXT` for a workbook. */
async function openZip(path: string, fileName: string): Promise<Archived> {
  const zip = await yauzl.openPromise(path, { autoClose: false }).catch((error: unknown) => damaged(fileName, error));
  try {
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      entries.push(entry);
      if (entries.length > MAX_ENTRIES)
        refuse(
          fileName,
          'several',
          entries.slice(0, 5).map((one) => one.fileName),
        );
    }
    const names = entries.map((entry) => entry.fileName);
    const document = documentIn(names);
    if (document) throw new FailureError({ code: 'FILE_NOT_TEXT', fileName, ...document });
    const files = entries.filter((entry) => !isChaff(entry.fileName));
    const [entry] = files;
    if (!entry) refuse(fileName, 'nothing');
    if (files.length > 1)
      refuse(
        fileName,
        'several',
        files.map((one) => one.fileName),
      );
    if (entry.isEncrypted()) refuse(fileName, 'encrypted', [entry.fileName]);
    return { zip, entry };
  } catch (error) {
    zip.close();
    return damaged(fileName, error);
  }
}

/** The name of the file inside a ZIP; null for the other packings. */
export async function nameInside(path: string, fileName: string, packing: Packing): Promise<string | null> {
  if (packing !== 'zip') return null;
  const { entry, zip } = await openZip(path, fileName);
  zip.close();
  return entry.fileName;
}

/**
 * The bytes of the text in a file, unpacked where it is packed, in order and in flat memory; of a file that is no ZIP, those
 * of its first `limit` bytes. Throws `FILE_ARCHIVE` where the archive is damaged, locked, not one file, or grows beyond
 * reason, and `FILE_UNREADABLE`.
 */
export async function* contentOf(
  path: string,
  fileName: string,
  packing: Packing,
  signal: AbortSignal,
  limit: number | null = null,
): AsyncGenerator<ContentPiece> {
  try {
    yield* packing === 'none' ? plainPieces(path, limit, signal) : packedPieces(path, fileName, packing, limit, signal);
  } catch (error) {
    readingFailed(fileName, error);
  }
}

/** The bytes of a file as they are, at most `limit` of them. */
export async function* plainPieces(
  path: string,
  limit: number | null,
  signal: AbortSignal,
): AsyncGenerator<ContentPiece> {
  let fileBytes = 0;
  for await (const bytes of (await readRegular(path, PIECE, limit, signal)) as AsyncIterable<Buffer>) {
    fileBytes += bytes.length;
    yield { bytes, fileBytes };
  }
}

async function* packedPieces(
  path: string,
  fileName: string,
  packing: 'gzip' | 'zip',
  limit: number | null,
  signal: AbortSignal,
): AsyncGenerator<ContentPiece> {
  const archived = packing === 'zip' ? await openZip(path, fileName) : null;
  try {
    const pieces = archived
      ? entryPieces(archived.zip, archived.entry, PIECE, signal)
      : unpackedPieces(await readRegular(path, PIECE, limit), createGunzip({ chunkSize: PIECE }), signal);
    let contentBytes = 0;
    for await (const piece of pieces) {
      contentBytes += piece.bytes.length;
      if (contentBytes > SUSPECT_BYTES && contentBytes > piece.fileBytes * SUSPECT_RATIO) refuse(fileName, 'bomb');
      yield piece;
    }
  } catch (error) {
    damaged(fileName, error);
  } finally {
    archived?.zip.close();
  }
}

export async function packingOfFile(path: string): Promise<Packing> {
  const file = await openRegular(path);
  try {
    const buffer = Buffer.alloc(4);
    const { bytesRead } = await file.read(buffer, 0, 4, 0);
    return packingOf(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/**
 * The first bytes of the text, at most `limit`, and whether that was all of it. A file that is still arriving ends in
 * the middle: what of it can be unpacked is its head.
 */
export async function headOf(
  path: string,
  fileName: string,
  limit: number,
  arriving: boolean,
): Promise<{ packing: Packing; sample: Uint8Array; whole: boolean }> {
  const packing = await packingOfFile(path);
  const pieces: Buffer[] = [];
  let size = 0;
  const stop = new AbortController();
  try {
    for await (const { bytes } of contentOf(path, fileName, packing, stop.signal)) {
      pieces.push(bytes);
      size += bytes.length;
      if (size > limit) return { packing, sample: Buffer.concat(pieces).subarray(0, limit), whole: false };
    }
  } catch (error) {
    if (!arriving || size === 0) throw error;
  } finally {
    stop.abort();
  }
  return { packing, sample: Buffer.concat(pieces), whole: !arriving };
}
