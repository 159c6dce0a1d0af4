import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Dialect } from '../../../shared/domain/source-file.ts';

/** Bytes read at a time: large enough to be fast, small enough that one piece never holds the loop for 50 ms. */
const PIECE = 256 * 1024;

export interface TextPiece {
  readonly text: string;
  readonly bytesRead: number;
  readonly last: boolean;
  /** SHA-256 of every byte of the file, on the last piece. */
  readonly digest: string | null;
}

/** Decodes a file piece by piece. Undecodable bytes become U+FFFD, which the record reader reports. */
export async function* readText(
  path: string,
  dialect: Pick<Dialect, 'encoding' | 'bomLength'>,
  signal: AbortSignal,
): AsyncGenerator<TextPiece> {
  const decoder = new TextDecoder(dialect.encoding, { ignoreBOM: true });
  const hash = createHash('sha256');
  let bytesRead = 0;
  for await (const bytes of createReadStream(path, { highWaterMark: PIECE, signal }) as AsyncIterable<Buffer>) {
    hash.update(bytes);
    const content = bytesRead === 0 ? bytes.subarray(dialect.bomLength) : bytes;
    bytesRead += bytes.length;
    yield { text: decoder.decode(content, { stream: true }), bytesRead, last: false, digest: null };
  }
  yield { text: decoder.decode(), bytesRead, last: true, digest: hash.digest('hex') };
}
