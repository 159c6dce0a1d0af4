import { createHash } from 'node:crypto';
import type { Dialect } from '../../../shared/domain/source-file.ts';
import { contentOf } from './unpack.ts';

export interface TextPiece {
  readonly text: string;
  /** Bytes of the file read so far; of a packed file, packed ones. */
  readonly bytesRead: number;
  readonly last: boolean;
  /** SHA-256 of every byte of the unpacked text, on the last piece. */
  readonly digest: string | null;
}

/** Decodes a file piece by piece. Undecodable bytes become U+FFFD, which the record reader reports. */
export async function* readText(
  path: string,
  fileName: string,
  dialect: Pick<Dialect, 'encoding' | 'bomLength' | 'packing'>,
  signal: AbortSignal,
): AsyncGenerator<TextPiece> {
  const decoder = new TextDecoder(dialect.encoding, { ignoreBOM: true });
  const hash = createHash('sha256');
  let bytesRead = 0;
  let first = true;
  for await (const { bytes, fileBytes } of contentOf(path, fileName, dialect.packing, signal)) {
    hash.update(bytes);
    const content = first ? bytes.subarray(dialect.bomLength) : bytes;
    first = false;
    bytesRead = fileBytes;
    yield { text: decoder.decode(content, { stream: true }), bytesRead, last: false, digest: null };
  }
  yield { text: decoder.decode(), bytesRead, last: true, digest: hash.digest('hex') };
}
