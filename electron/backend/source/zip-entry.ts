import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { FailureError } from '../../../shared/contract/failure.ts';

export interface ContentPiece {
  readonly bytes: Buffer;
  /** Bytes of the file read so far; of a packed file, packed ones. */
  readonly fileBytes: number;
}

/** The bytes of a stream as they come out of an unpacker, or as they are without one. */
export async function* unpackedPieces(
  raw: Readable,
  unpacker: Transform | null,
  signal: AbortSignal,
): AsyncGenerator<ContentPiece> {
  let fileBytes = 0;
  raw.on('data', (chunk: Buffer) => (fileBytes += chunk.length));
  // What goes wrong on the way arrives at whoever reads the unpacked end.
  if (unpacker) pipeline(raw, unpacker, { signal }).catch((error: unknown) => unpacker.destroy(error as Error));
  for await (const bytes of (unpacker ?? raw) as AsyncIterable<Buffer>) {
    signal.throwIfAborted();
    yield { bytes, fileBytes };
  }
}

/** An entry of a ZIP, unpacked. Throws for a method that is not deflate and for bytes that are not those that were packed. */
export async function* entryPieces(
  zip: ZipFile,
  entry: Entry,
  chunkSize: number,
  signal: AbortSignal,
): AsyncGenerator<ContentPiece> {
  const packed = entry.compressionMethod === 8;
  if (!packed && entry.compressionMethod !== 0) throw new Error(`compression method ${entry.compressionMethod}`);
  const raw = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  let checksum = 0;
  for await (const piece of unpackedPieces(raw, packed ? createInflateRaw({ chunkSize }) : null, signal)) {
    checksum = crc32(piece.bytes, checksum);
    yield piece;
  }
  if (checksum !== entry.crc32) throw new Error('the checksum does not match');
}

/** Whether an error says that an archive is damaged: refusals, aborts and the disk's own errors do not. */
export function blamesArchive(error: unknown): boolean {
  if (error instanceof FailureError || (error instanceof Error && error.name === 'AbortError')) return false;
  return !(error instanceof Error && 'syscall' in error);
}
